# Two builds in two folders, from two places, are the same bytes: with and without -g.
source "$(dirname "$0")/setup.sh"
mkdir -p "$work/one" "$work/elsewhere/deeper"
for debug in "" -g; do
  cp "$here/net.json" "$work/one/"; cp "$here/net.json" "$work/elsewhere/deeper/"
  (cd "$work/one" && "$GRAPHC" build net.json -o out $debug)
  (cd "$work/elsewhere/deeper" && "$GRAPHC" build net.json -o far/out $debug)
  for f in net.h libnet.a libnet.so net.manifest.json; do
    cmp "$work/one/out/$f" "$work/elsewhere/deeper/far/out/$f" || fail "$f differs (${debug:-no -g})"
  done
  ! grep -q "$work" "$work/one/out/libnet.a" || fail "a path of this machine is in the archive"
done
"$GRAPHC" build "$here/net.json" -o "$work/absolute"
cp -r "$work/one/out" "$work/plain"; (cd "$work/one" && "$GRAPHC" build net.json -o ../plain)
cmp "$work/absolute/libnet.so" "$work/plain/libnet.so" || fail "the way the input is named changes the bytes"
