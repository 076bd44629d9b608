"""Times a library beside C code in one process: builds FOLDER/FOLDER.json, compiles FOLDER/*.c against it, runs it pinned to one processor.

usage: beside_c.py GRAPHC FOLDER...    FOLDER: sigmoid_gemv, tiny_mlp, tiny_train
"""
import pathlib
import subprocess
import sys
import tempfile

# What loops.c is compiled with, as one object each; main.c always for the machine at hand.
FAST = ["-O3", "-march=native"]
LOOPS = {
    "sigmoid_gemv": {"loops": ["-O2"]},
    "tiny_mlp": {"loops": FAST},
    # gcc takes square roots one by one unless it is told that nobody asks for errno.
    "tiny_train": {"loops": FAST, "loops_no_errno": [*FAST, "-fno-math-errno", "-DplainStep=plainStepNoErrno"]},
}
HERE = pathlib.Path(__file__).parent


def main():
    graphc, names = sys.argv[1], sys.argv[2:]
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([graphc, "build", HERE / name / (name + ".json"), "-o", folder], check=True)
            files = [("main", "main", ["-O2", "-march=native"])]
            files += [("loops", target, flags) for target, flags in LOOPS[name].items()]
            for file, target, flags in files:
                source, target = HERE / name / (file + ".c"), f"{folder}/{target}.o"
                subprocess.run(["gcc", "-std=gnu11", *flags, "-I", folder, "-c", source, "-o", target], check=True)
            program = folder + "/" + name
            objects = [f"{folder}/{target}.o" for _, target, _ in files] + [f"{folder}/lib{name}.a"]
            subprocess.run(["gcc", *objects, "-lm", "-lpthread", "-o", program], check=True)
            print(name, flush=True)
            subprocess.run(["taskset", "-c", "1", program, folder + "/weights.safetensors"], check=True)


main()
