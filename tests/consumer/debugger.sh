# gdb stops at a line of the JSON and shows it.
source "$(dirname "$0")/setup.sh"
cp "$here/net.json" "$work/"
cd "$work"
"$GRAPHC" build net.json -o out -g
cat >use.c <<'C'
#include "net.h"
static float x[100], p[35], again[35], x_out[100];
static int32_t c[5];
int main(void) {
  net_model *m; net_context *k;
  if (net_model_create(0, &m) || net_context_create(0, &k)) return 2;
  return net_predict(k, m, x, sizeof x, 1.0f, c, sizeof c, p, sizeof p, again, sizeof again, x_out, sizeof x_out);
}
C
"$cc" -g use.c -Iout out/libnet.a -lm -o use
./use || fail "the program itself"
line=$(grep -n '"units": 33' net.json | cut -d: -f1)
gdb -batch -nx -ex "set breakpoint pending off" -ex "break net.json:$line" -ex run -ex bt ./use >gdb.txt 2>&1 || true
grep -q "net.json:$line" gdb.txt || { cat gdb.txt; fail "gdb did not stop at net.json:$line"; }
grep -q "^$line.*\"units\": 33" gdb.txt || { cat gdb.txt; fail "gdb did not show the line"; }
grep -q "in main" gdb.txt || grep -q "main ()" gdb.txt || { cat gdb.txt; fail "the backtrace does not reach main"; }
