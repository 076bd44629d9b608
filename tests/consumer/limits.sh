# Sizes and counts that are too large, names that are taken, memory that runs out: located errors and known exit codes, in time.
source "$(dirname "$0")/setup.sh"
run() { set +e; timeout -k 1 60 "$@" >"$work/out" 2>"$work/err"; code=$?; set -e; }
expect() { # code, text
  [ "$code" = "$1" ] || { cat "$work/err"; fail "exit $code instead of $1: $2"; }
  grep -q -- "$2" "$work/err" || { cat "$work/err"; fail "the message lacks '$2'"; }
}
graph() { # name, inputs, outputs
  echo "{\"graphc\": 1, \"name\": \"$1\", \"functions\": {\"f\": {\"inputs\": {$2}, \"outputs\": {$3}}}, \"entries\": [\"f\"]}" >"$work/g.json"
}
# each tensor fits 2^47 bytes, what lies between them does not fit the workspace
graph t '"x": "f32[1099511627776]"' '"y": "softmax(softmax(x))"'
run "$GRAPHC" build "$work/g.json" -o "$work/lib"; expect 1 'g.json:1:[0-9]*: error\[G3011\]'
# names that begin what all libraries share
for name in graphc graphc_x; do
  graph $name '"x": "f32[2]"' '"y": "relu(x)"'
  run "$GRAPHC" build "$work/g.json" -o "$work/lib"; expect 1 'g.json:1:[0-9]*: error\[G0015\]'
  run "$GRAPHC" build "$here/net.json" --name $name -o "$work/lib"; expect 2 "cannot be called '$name'"
done
run "$GRAPHC" build "$work/g.json" --name fine -o "$work/lib"; [ "$code" = 0 ] || fail "a name that --name replaces was refused"
# a param without elements needs no value
echo '{"graphc": 1, "name": "none", "functions": {"f": {"inputs": {"x": "f32[2, 0]"}, "params": {"w": {"type": "f32[0, 3]"}}, "outputs": {"y": "matmul(x, w)"}}}, "entries": ["f"]}' >"$work/g.json"
mkdir "$work/in"
/usr/bin/python3 -c "
import struct, sys
head = b\"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 0)}\"
head += b' ' * (-(len(head) + 11) % 64) + b'\n'
open(sys.argv[1], 'wb').write(b'\x93NUMPY\x01\x00' + struct.pack('<H', len(head)) + head)" "$work/in/x.npy"
run "$GRAPHC" run "$work/g.json" --inputs "$work/in" --outputs "$work/o"; [ "$code" = 0 ] || { cat "$work/err"; fail "a param of no elements"; }
# ten calls of ten calls of ...: counted in formulas too, refused before anything is built
/usr/bin/python3 - "$work" <<'P'
import json, sys
def write(name, functions, entry):
    json.dump({"graphc": 1, "name": "t", "functions": functions, "entries": [entry]}, open(f"{sys.argv[1]}/{name}.json", "w"))
def function(outputs, nodes=()):
    return {"inputs": {"x": "f32[8]"}, "nodes": list(nodes), "outputs": outputs}
write("laughs", {f"f{i}": function({"y": " + ".join([f"f{i - 1}(x)" if i else "tanh(x)"] * 10)}) for i in range(12)}, "f11")
# a chain of elementwise ops is fused in parts: as one group it would compile for hours
nodes = [{"op": "tanh", "in": f"v{i - 1}" if i else "x", "out": f"v{i}"} for i in range(3000)]
write("chain", {"f": function(["v2999"], nodes)}, "f")
P
run "$GRAPHC" check "$work/laughs.json"; expect 1 'error\[G1016\]'
run "$GRAPHC" build "$work/chain.json" -o "$work/lib"; [ "$code" = 0 ] || fail "a chain of 3000 ops: exit $code"
# messages that nobody can be given
run bash -c "exec \"$GRAPHC\" check \"$work/none.json\" 2>/dev/full"; [ "$code" = 3 ] || fail "exit $code with stderr full"
# little memory: done, or the word for it; never a hang
for kilobytes in 330000 350000 380000 420000; do
  run bash -c "ulimit -v $kilobytes; exec \"$GRAPHC\" build \"$here/net.json\" -o \"$work/small\""
  case $code in 0|4|127) ;; *) cat "$work/err"; fail "exit $code with $kilobytes kB of memory";; esac
done
