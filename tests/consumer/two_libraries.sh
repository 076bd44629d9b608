# Two libraries of two graphs live in one program, as archives and as shared libraries; a call does not allocate.
source "$(dirname "$0")/setup.sh"
"$GRAPHC" build "$here/net.json" -o "$work/net"
"$GRAPHC" build "$here/pure.json" -o "$work/pure"
flags=(-std=gnu11 -O1 -Wall -Wextra -Werror -Wno-builtin-declaration-mismatch -I"$work/net" -I"$work/pure" "$here/two_libraries.c")
flags+=(-fno-builtin-malloc)
"$cc" "${flags[@]}" -Wno-unknown-warning-option "$work/net/libnet.a" "$work/pure/libpure.a" -lm -o "$work/static"
"$work/static" | grep -qx ok || fail "archives"
"$cc" "${flags[@]}" -Wno-unknown-warning-option -L"$work/net" -L"$work/pure" -lnet -lpure -lm -Wl,-rpath,"$work/net:$work/pure" -o "$work/shared"
"$work/shared" | grep -qx ok || fail "shared libraries"
