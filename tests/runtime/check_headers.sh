#!/bin/sh
# check_headers.sh INCLUDE_FOLDER: every public header alone, and all twice, as C99, C11 and C++17 with every compiler that is here.
set -eu
tried=0
compile() { # compiler, language, standard
  command -v "$1" >/dev/null || return 0
  for header in types abi safetensors; do
    printf '#include "graphc/%s.h"\n' $header | "$1" -x "$2" -std="$3" -Wall -Wextra -Werror -pedantic -fsyntax-only -I "$include" -
  done
  printf '#include "graphc/%s.h"\n' abi safetensors types abi safetensors |
    "$1" -x "$2" -std="$3" -Wall -Wextra -Werror -pedantic -fsyntax-only -I "$include" -
  tried=$((tried + 1))
}
include=$1
for compiler in gcc clang-19 clang; do
  compile $compiler c c99
  compile $compiler c c11
done
for compiler in g++ clang++-19 clang++; do compile $compiler c++ c++17; done
[ $tried -gt 0 ] || { echo "no compiler found"; exit 1; }
echo "$tried compilers and standards"
