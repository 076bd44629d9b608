# What a library needs and gives: undefined symbols are libc's or libm's (asked of the very libraries), exported ones are <name>_*.
source "$(dirname "$0")/setup.sh"
known=$work/known
for lib in libc.so.6 libm.so.6; do nm -D --defined-only "/lib/x86_64-linux-gnu/$lib"; done | awk '{print $3}' | sed 's/@.*//' | sort -u >"$known"
grep -qx getenv "$known" || fail "the list of libc's symbols is empty"
for graph in net pure; do
  for level in x86-64-v2 x86-64-v3 x86-64-v4; do
    "$GRAPHC" build "$here/$graph.json" -o "$work/$graph" --target=$level
    needed=$(nm -u "$work/$graph/lib$graph.a" | awk 'NF==2 {print $2}' | sort -u)
    foreign=$(comm -23 <(echo "$needed" | sed '/^$/d') "$known")
    [ -z "$foreign" ] || fail "$graph at $level needs: $foreign"
    echo "$graph $level needs:" $needed
    for f in "lib$graph.a" "lib$graph.so"; do
      option=; [ "$f" = "lib$graph.a" ] || option=-D
      given=$(nm $option -g --defined-only "$work/$graph/$f" | awk 'NF==3 {print $3}')
      [ -n "$given" ] || fail "$f gives nothing"
      ! grep -v "^${graph}_" <<<"$given" || fail "$f gives names that are not ${graph}_*"
    done
  done
done
