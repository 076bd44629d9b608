#!/usr/bin/env bash
# The level rule of tools/cmake/graphc_component.cmake: a stage that uses another stage fails the configure step and says which.
# usage: levels_refused.sh SOURCE_DIR CXX_COMPILER
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo 'int nothing;' >"$work/a.cpp"
configure() { # the second component's level
  cat >"$work/CMakeLists.txt" <<C
cmake_minimum_required(VERSION 3.25)
project(levels CXX)
set(GRAPHC_PCH OFF)
include($1/tools/cmake/graphc_component.cmake)
graphc_component(graphc_one LEVEL stage SOURCES a.cpp)
graphc_component(graphc_two LEVEL $3 SOURCES a.cpp USES graphc_one)
C
  rm -rf "$work/b"
  cmake -S "$work" -B "$work/b" -G Ninja -DCMAKE_CXX_COMPILER="$2" >"$work/log" 2>&1
}
configure "$1" "$2" driver || { cat "$work/log"; echo "FAILED: a driver may use a stage"; exit 1; }
if configure "$1" "$2" stage; then echo "FAILED: a stage could use another stage"; exit 1; fi
grep -q "graphc_two (stage) must not use graphc_one (stage)" "$work/log" || { cat "$work/log"; echo "FAILED: the message"; exit 1; }
