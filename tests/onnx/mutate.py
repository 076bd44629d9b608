#!/usr/bin/env python3
"""Changes, drops and doubles bytes of the models in DIR (seeded) and runs `graphc check` on each result: exit 0 or 1, within 20 s.
usage: mutate.py GRAPHC DIR COUNT"""
import glob
import os
import random
import subprocess
import sys


def mutated(data, rng):
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 8])):
        at = rng.randrange(len(data))
        what = rng.randrange(5)
        if what == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif what == 1:
            data[at] = rng.choice([0, 1, 127, 128, 255])
        elif what == 2:
            del data[at:at + rng.choice([1, 4, 30])]
        elif what == 3:
            data[at:at] = data[at:at + rng.choice([1, 8, 60])]
        else:
            data[at:at + 9] = b"\xff" * 9
        if not data:
            data = bytearray(b"\0")
    return bytes(data)


def main():
    graphc, folder, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    models = sorted(glob.glob(os.path.join(folder, "*.onnx")))
    rng = random.Random(int(os.environ.get("GRAPHC_SEED", "1")))
    target = os.path.join(folder, "mutant.onnx")
    bad = 0
    for i in range(count):
        source = rng.choice(models)
        with open(source, "rb") as file:
            data = mutated(file.read(), rng)
        with open(target, "wb") as file:
            file.write(data)
        result = subprocess.run([graphc, "check", target], capture_output=True, timeout=20)
        if result.returncode not in (0, 1) or (result.returncode == 1 and not result.stderr):
            bad += 1
            print("mutant %d of %s: exit %d: %s" % (i, os.path.basename(source), result.returncode, result.stderr[-300:]))
            os.replace(target, os.path.join(folder, "bad_%d" % i))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
