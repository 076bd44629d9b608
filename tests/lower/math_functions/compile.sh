#!/bin/bash
# Compiles the module on stdin for an ISA level into a library that may need no function of any other.
# usage: compile.sh LEVEL LIBRARY
set -e -o pipefail
level=$1 library=$2 split=
[ "$level" = x86-64-v2 ] && split=--split-fma
graphc-opt --clone-levels=levels="$level" --expand-conversions --expand-math --canonicalize --cse --convert-scf-to-cf \
  --convert-vector-to-llvm --convert-math-to-llvm --finalize-memref-to-llvm --convert-arith-to-llvm --convert-cf-to-llvm \
  --convert-func-to-llvm=use-bare-ptr-memref-call-conv=1 --reconcile-unrealized-casts $split |
  mlir-translate --mlir-to-llvmir | opt -O2 -mcpu="$level" |
  llc -O2 -mcpu="$level" -relocation-model=pic -filetype=obj -o "$library.o"
undefined=$(llvm-nm --undefined-only "$library.o")
if [ -n "$undefined" ]; then
  echo "$level needs: $undefined"
  exit 1
fi
ld.lld -shared "$library.o" -o "$library"
