#!/bin/sh
# check_symbols.sh NM ARCHIVE ALLOWED: fails and lists them if the archive needs symbols that are neither its own nor allowed.
set -eu
defined=$("$1" --defined-only -P "$2" | awk 'NF >= 3 {print $1}')
needed=$("$1" -u -P "$2" | awk '$2 == "U" {print $1}' | sort -u)
[ -n "$needed" ] || { echo "no undefined symbols at all: wrong archive?"; exit 1; }
allowed=$(grep -v '^#' "$3")
bad=0
for symbol in $needed; do
  [ "$symbol" = graphc_library_description ] && continue # the generated part
  printf '%s\n%s\n' "$defined" "$allowed" | grep -qxF -- "$symbol" || { echo "not allowed: $symbol"; bad=1; }
done
exit $bad
