#!/usr/bin/env bash
# The main job, on a fresh Debian 12: installs what is missing, builds graphc, compiles a small network and its training step into a
# library, links that into a C++ program, trains it on real handwritten digits, classifies test images in a second process and checks the
# answers.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/dev/install_packages.sh
tools/dev/build.sh -DGRAPHC_TESTS=OFF
example=docs/examples/digits
run=build/digits
/usr/bin/python3 $example/split.py $run/data
cmake -S $example -B $run -G Ninja -DCMAKE_CXX_COMPILER=clang++-19 -DGRAPHC_EXECUTABLE="$PWD/build/tools/graphc/graphc" >/dev/null
cmake --build $run
$run/digits_demo train $run/data
$run/digits_demo classify $run/data
/usr/bin/python3 $example/check.py $run/data
