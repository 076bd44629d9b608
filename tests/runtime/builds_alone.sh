#!/usr/bin/env bash
# runtime/ is a project of its own: it configures and builds without LLVM, with g++, warnings as errors.
# usage: builds_alone.sh SOURCE_DIR
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake -S "$1/runtime" -B "$work" -G Ninja -DCMAKE_C_COMPILER=gcc -DCMAKE_CXX_COMPILER=g++ -DCMAKE_CXX_FLAGS="-Wall -Wextra -Werror" \
  -DCMAKE_DISABLE_FIND_PACKAGE_LLVM=ON -DCMAKE_DISABLE_FIND_PACKAGE_MLIR=ON >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
cmake --build "$work" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
[ -n "$(find "$work" -name 'libgraphc_runtime.a')" ] || { echo "FAILED: no library was made"; exit 1; }
