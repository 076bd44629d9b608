#!/usr/bin/env bash
# Configures and builds graphc in build/, the one tree that demo and tests share. usage: build.sh [cmake options]
set -euo pipefail
cd "$(dirname "$0")/../.."
cmake --preset release "$@" >build.log 2>&1 || { cat build.log; exit 1; }
rm -f build.log
cmake --build build
