# Bad places to write to: a clear sentence, exit code 3, nothing half-written left behind, and what was there before stays.
source "$(dirname "$0")/setup.sh"
export TMPDIR=$work
run() { set +e; "$@" >"$work/out" 2>"$work/err"; code=$?; set -e; }
expect() { # code, text
  [ "$code" = "$1" ] || { cat "$work/err"; fail "exit $code instead of $1: $2"; }
  grep -q "$2" "$work/err" || { cat "$work/err"; fail "the message lacks '$2'"; }
}
# a file where the folder should be
touch "$work/file"
run "$GRAPHC" build "$here/net.json" -o "$work/file"; expect 3 "file"
# a folder that may not be written: as an unprivileged user, since root may write everywhere
mkdir "$work/readonly"; chmod 755 "$work"; chmod 555 "$work/readonly"
drop=(); [ "$(id -u)" != 0 ] || drop=(setpriv --reuid=65534 --regid=65534 --clear-groups)
if "${drop[@]}" test -x "$GRAPHC" && "${drop[@]}" test -r "$here/net.json"; then
  run "${drop[@]}" "$GRAPHC" build "$here/net.json" -o "$work/readonly"; expect 3 "Permission denied"
  [ -z "$(ls -A "$work/readonly")" ] || fail "something was left in a read-only folder"
fi
# no room: a limit on the size of files stands for a full disk
mkdir "$work/full"; echo before >"$work/full/libnet.a"
run bash -c "ulimit -f 8; exec \"$GRAPHC\" build \"$here/net.json\" -o \"$work/full\""
[ "$code" = 3 ] || { cat "$work/err"; fail "exit $code on a full disk"; }
grep -q "$work/full" "$work/err" || { cat "$work/err"; fail "the message does not name the place"; }
[ "$(ls -A "$work/full")" = libnet.a ] && [ "$(cat "$work/full/libnet.a")" = before ] || { ls -la "$work/full"; fail "a full disk left something behind"; }
# the folder that the build itself made goes away again
run bash -c "ulimit -f 8; exec \"$GRAPHC\" build \"$here/net.json\" -o \"$work/new\""
[ ! -e "$work/new" ] || fail "an empty new folder was left behind"
# stdout that cannot be written
run bash -c "\"$GRAPHC\" ops >/dev/full"; [ "$code" = 3 ] || fail "exit $code with stdout full"
# a graph that is not there, a folder as a graph
run "$GRAPHC" check "$work/none.json"; expect 3 "No such file"
run "$GRAPHC" check "$work"; expect 3 "."
# temporary files of run and bench
run "$GRAPHC" bench "$here/pure.json" --seconds 0.01 --json; [ "$code" = 0 ] || { cat "$work/err"; fail "bench"; }
[ -z "$(find "$work" -maxdepth 1 -name 'graphc*')" ] || fail "bench left its temporary folder behind"
