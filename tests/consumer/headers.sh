# The header stands alone and compiles as C99 and C++17 with gcc, g++ and clang, every warning an error; twice and with another one.
source "$(dirname "$0")/setup.sh"
"$GRAPHC" build "$here/net.json" -o "$work"
"$GRAPHC" build "$here/pure.json" -o "$work"
printf '#include "net.h"\n#include "pure.h"\n#include "net.h"\nint main(void) { return NET_SIGNATURE_HASH == 0; }\n' >"$work/use.c"
cp "$work/use.c" "$work/use.cpp"
flags=(-Wall -Wextra -Werror -pedantic -fsyntax-only -I"$work")
gcc -std=c99 "${flags[@]}" "$work/use.c"
"$cc" -std=c99 "${flags[@]}" "$work/use.c"
g++ -std=c++17 "${flags[@]}" "$work/use.cpp"
"$CLANG" -std=c++17 "${flags[@]}" "$work/use.cpp"
[ "$(grep -c '#include' "$work/net.h")" = 2 ] || fail "the header includes more than stddef.h and stdint.h"
