# graphc_add_library: a mistake in the JSON fails the build with file:line:col at the start of a line; mended, it builds; unchanged,
# it is not built again; touched, it is. With Ninja and with Makefiles.
source "$(dirname "$0")/setup.sh"
modules=$(cd "$here/../../tools/cmake" && pwd)
for generator in Ninja "Unix Makefiles"; do
  p="$work/project $generator"; mkdir -p "$p"
  cp "$here/pure.json" "$p/"
  cat >"$p/CMakeLists.txt" <<C
cmake_minimum_required(VERSION 3.25)
project(use C)
include("$modules/graphc_add_library.cmake")
graphc_add_library(pure GRAPH \${CMAKE_CURRENT_SOURCE_DIR}/pure.json)
add_executable(use use.c)
target_link_libraries(use PRIVATE pure)
C
  printf '#include "pure.h"\nint main(void) { return pure_signature()->entry_count != 1; }\n' >"$p/use.c"
  sed -i 's/sigmoid(/sigmold(/' "$p/pure.json"; line=$(grep -n sigmold "$p/pure.json" | cut -d: -f1)
  cmake -S "$p" -B "$p/b" -G "$generator" -DCMAKE_C_COMPILER="$cc" -DGRAPHC_EXECUTABLE="$GRAPHC" >"$p/log" 2>&1 || { cat "$p/log"; fail "configure"; }
  if cmake --build "$p/b" >"$p/log" 2>&1; then fail "a mistake in the JSON did not fail the build"; fi
  grep -Eq "^[^ ].*pure\.json:$line:[0-9]+: error" "$p/log" || { cat "$p/log"; fail "no line that an IDE can jump to"; }
  sed -i 's/sigmold(/sigmoid(/' "$p/pure.json"
  cmake --build "$p/b" >"$p/log" 2>&1 || { cat "$p/log"; fail "build"; }
  "$p/b/use" || fail "the program"
  stamp=$(stat -c %Y.%y "$p/b/use")
  cmake --build "$p/b" >"$p/log" 2>&1
  [ "$generator" != Ninja ] || grep -q "no work to do" "$p/log" || { cat "$p/log"; fail "built again without a change"; }
  [ "$stamp" = "$(stat -c %Y.%y "$p/b/use")" ] || fail "linked again without a change"
  sleep 1; sed -i 's/300/301/g' "$p/pure.json"
  cmake --build "$p/b" >"$p/log" 2>&1 || { cat "$p/log"; fail "rebuild"; }
  grep -q "a f32\[9,\? \?301\]" "$p"/b/pure/pure.h "$p"/b/pure.h 2>/dev/null || grep -rq "301" "$p/b" --include=pure.h || fail "the header did not follow the JSON"
done
