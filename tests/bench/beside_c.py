"""Times a library beside C code in one process: builds FOLDER/FOLDER.json, compiles FOLDER/*.c against it, runs it pinned to one processor.

usage: beside_c.py GRAPHC FOLDER...    FOLDER: sigmoid_gemv, tiny_mlp
"""
import pathlib
import subprocess
import sys
import tempfile

# What loops.c is compiled with; main.c always for the machine at hand.
LOOPS = {"sigmoid_gemv": ["-O2"], "tiny_mlp": ["-O3", "-march=native"]}
HERE = pathlib.Path(__file__).parent


def main():
    graphc, names = sys.argv[1], sys.argv[2:]
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([graphc, "build", HERE / name / (name + ".json"), "-o", folder], check=True)
            for file, flags in ("loops", LOOPS[name]), ("main", ["-O2", "-march=native"]):
                source, target = HERE / name / (file + ".c"), f"{folder}/{file}.o"
                subprocess.run(["gcc", "-std=gnu11", *flags, "-I", folder, "-c", source, "-o", target], check=True)
            program = folder + "/" + name
            objects = [f"{folder}/main.o", f"{folder}/loops.o", f"{folder}/lib{name}.a"]
            subprocess.run(["gcc", *objects, "-lm", "-lpthread", "-o", program], check=True)
            print(name, flush=True)
            subprocess.run(["taskset", "-c", "1", program, folder + "/weights.safetensors"], check=True)


main()
