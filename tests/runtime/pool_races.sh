#!/usr/bin/env bash
# The pool, compiled by g++ with ThreadSanitizer, beside a program that uses it (pool_races.cpp): any race fails.
set -euo pipefail
cd "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
g++ -std=c++17 -g -O1 -fsanitize=thread -pthread -Iruntime -Iruntime/include runtime/core/pool.cpp tests/runtime/pool_races.cpp -o "$work/races"
# Without random addresses, which old versions of the sanitizer do not understand.
TSAN_OPTIONS="halt_on_error=1 exitcode=66" setarch -R "$work/races"
