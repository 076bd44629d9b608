#!/usr/bin/env bash
# Installs the Debian packages that graphc is built and tested with; does nothing where all are present. Called by tools/demo.sh and
# tools/test.sh, so that a fresh machine needs no step by hand.
# usage: install_packages.sh [--tests]
set -euo pipefail
# mlir-19-tools and lld-19 are what find_package(MLIR) and find_package(LLD) ask for beyond the -dev packages' own dependencies.
packages=(cmake ninja-build clang-19 lld-19 llvm-19-dev libmlir-19-dev mlir-19-tools liblld-19-dev nlohmann-json3-dev ccache
          libprotobuf-dev protobuf-compiler libonnx-dev python3 python3-numpy)
if [ "${1:-}" = --tests ]; then
  packages+=(catch2 make clang-format-19 clang-tidy-19 llvm-19-tools gdb g++)
fi
missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0
echo "installing: ${missing[*]}"
sudo=
if [ "$(id -u)" != 0 ]; then
  sudo=sudo
fi
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
$sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
