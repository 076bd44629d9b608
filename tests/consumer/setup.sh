# Sourced by every script here: a private folder that goes away, and what the scripts say to ctest.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc=${CLANG/clang++/clang}
fail() { echo "FAILED: $*" >&2; exit 1; }
# GRAPH.json beside the scripts at several levels, and at -O0: builds $work/use.c with each and runs it where the machine can, with the
# names of two files of its own, state$variant and bits$variant. CC_OPTION: further ones.
use_variants() { # GRAPH CC_OPTION...
  local graph=$1 variant level
  shift
  cd "$work"
  for variant in x86-64-v3:2 x86-64-v3:0 x86-64-v2:2 x86-64-v4:2; do
    level=${variant%:*}
    "$GRAPHC" build "$here/$graph.json" --target "$level" -O"${variant#*:}" -o "lib$variant"
    "$cc" -O1 -Wall -Wextra -Werror use.c "-Ilib$variant" "lib$variant"/lib*.a -lm "$@" -o "use$variant"
    if [ "$level" = x86-64-v4 ] && ! grep -q avx512f /proc/cpuinfo; then continue; fi
    "./use$variant" "state$variant" "bits$variant" || fail "$graph at $variant"
  done
}
