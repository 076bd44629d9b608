#!/usr/bin/env bash
# Every test, on a fresh Debian 12: installs what is missing, builds, runs ctest (whose summary is the last line).
# usage: test.sh [ctest options, e.g. -R lit]
set -euo pipefail
cd "$(dirname "$0")/.."
tools/dev/install_packages.sh --tests
tools/dev/build.sh -DGRAPHC_TESTS=ON
cd build
exec ctest --output-on-failure -j "$(nproc)" "$@"
