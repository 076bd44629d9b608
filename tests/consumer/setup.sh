# Sourced by every script here: a private folder that goes away, and what the scripts say to ctest.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc=${CLANG/clang++/clang}
fail() { echo "FAILED: $*" >&2; exit 1; }
