#!/usr/bin/env bash
# The main job, on a fresh Debian 12: installs what is missing, builds graphc, trains a small network on real handwritten digits,
# compiles it into a library, links that into a C++ program, classifies the test images and checks the answers.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/dev/install_packages.sh
tools/dev/build.sh -DGRAPHC_TESTS=OFF
example=docs/examples/digits
run=build/digits
/usr/bin/python3 $example/train.py $run/data
cmake -S $example -B $run -G Ninja -DCMAKE_CXX_COMPILER=clang++-19 -DGRAPHC_EXECUTABLE="$PWD/build/tools/graphc/graphc" >/dev/null
cmake --build $run
$run/digits_demo $run/data
/usr/bin/python3 $example/check.py $run/data
