# Weight files: embedded or loaded, the same answers; a file that lies, lacks or differs is refused by name, by the compiler and by
# the library, and the model keeps working.
source "$(dirname "$0")/setup.sh"
/usr/bin/python3 - "$work" "$here/net.json" <<'P'
import json, struct, sys
work = sys.argv[1]
def write(name, tensors, tail=b"", offset_error=0):
    header, data = {}, b""
    for key, (shape, values) in tensors.items():
        raw = struct.pack(f"<{len(values)}f", *values)
        header[key] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(raw) + offset_error]}
        data += raw
    text = json.dumps(header).encode()
    open(f"{work}/{name}.safetensors", "wb").write(struct.pack("<Q", len(text)) + text + data + tail)
v = lambda n, s: [((i * 37 + s) % 19 - 9) / 20 for i in range(n)]
good = {"body.h.weight": ([20, 33], v(660, 1)), "body.h.bias": ([33], v(33, 2)), "body.z.weight": ([33, 7], v(231, 3)), "body.z.bias": ([7], v(7, 4))}
write("good", good)
write("missing", {k: t for k, t in good.items() if k != "body.z.bias"})
write("extra", {**good, "body.q": ([2], [1, 2])})
write("transposed", {**good, "body.h.weight": ([33, 20], v(660, 1))})
write("trailing", good, tail=b"xx")
write("lying", good, offset_error=4)
open(f"{work}/huge.safetensors", "wb").write(struct.pack("<Q", 1 << 62) + b"{}")
open(f"{work}/empty.safetensors", "wb").write(b"")
x = v(100, 5)
def npy(path, shape, values):
    head = str({"descr": "<f4", "fortran_order": False, "shape": tuple(shape)}).encode()
    head += b" " * (-(len(head) + 11) % 64) + b"\n"
    open(path, "wb").write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + struct.pack(f"<{len(values)}f", *values))
import os
os.mkdir(work + "/in")
npy(work + "/in/x.npy", [5, 20], x); npy(work + "/in/scale.npy", [], [1.0])
P
"$GRAPHC" run "$here/net.json" --entry predict --inputs "$work/in" --outputs "$work/out" --weights "$work/good.safetensors"
for f in class p again x_out; do [ -s "$work/out/$f.npy" ] || fail "no $f.npy"; done
cmp <(tail -c 400 "$work/out/x_out.npy") <(tail -c 400 "$work/in/x.npy") || fail "x came out changed"
for bad in missing:body.z.bias extra:body.q transposed:body.h.weight trailing: lying: huge: empty:; do
  name=${bad%%:*} text=${bad#*:}
  if "$GRAPHC" build "$here/net.json" -o "$work/lib" --weights "$work/$name.safetensors" 2>"$work/err"; then
    [ "$name" = extra ] || fail "$name was accepted"
  fi
  [ -s "$work/err" ] && grep -q -- "$text" "$work/err" || { cat "$work/err"; fail "$name: the message lacks '$text'"; }
done
"$GRAPHC" build "$here/net.json" -o "$work/lib"
"$GRAPHC" build "$here/net.json" -o "$work/embedded" --weights "$work/good.safetensors"
cat >"$work/use.c" <<'C'
#include "net.h"
#include <stdio.h>
#include <string.h>
#define CHECK(c) do { if (!(c)) { fprintf(stderr, "line %d: %s: %s\n", __LINE__, #c, net_model_message(m)); return 1; } } while (0)
int main(int argc, char **argv) {
  static float x[100], p[35], q[35], again[35], x_out[100];
  static int32_t c[5];
  net_model *m = NULL; net_context *k = NULL;
  char path[4096];
  for (int i = 0; i < 100; ++i) x[i] = (float)(i % 11) / 5 - 1;
  CHECK(net_model_create(NULL, &m) == 0 && net_context_create(NULL, &k) == 0);
#define RUN(out) net_predict(k, m, x, sizeof x, 1.0f, c, sizeof c, out, sizeof p, again, sizeof again, x_out, sizeof x_out)
  if (argc == 3) { snprintf(path, sizeof path, "%s/good.safetensors", argv[1]); CHECK(net_load(m, path) == GRAPHC_OK); }
  CHECK(RUN(p) == GRAPHC_OK);
  if (argc == 3) {
    static const char *bad[] = {"missing", "transposed", "trailing", "lying", "huge", "empty", "none", "extra"};
    for (int i = 0; i < 8; ++i) {
      snprintf(path, sizeof path, "%s/%s.safetensors", argv[1], bad[i]);
      CHECK(net_load(m, path) != GRAPHC_OK && strlen(net_model_message(m)) > 10);
      printf("%s: %s\n", bad[i], net_model_message(m));
      CHECK(RUN(q) == GRAPHC_OK && memcmp(p, q, sizeof p) == 0);
    }
    CHECK(net_load(m, argv[1]) == GRAPHC_ERR_IO);
    CHECK(net_load(m, NULL) == GRAPHC_ERR_NULL);
    snprintf(path, sizeof path, "%s/saved.safetensors", argv[1]);
    CHECK(net_save(m, path) == GRAPHC_OK);
  }
  FILE *f = fopen(argv[argc - 1], "wb");
  return !f || fwrite(p, sizeof p, 1, f) != 1 || fclose(f);
}
C
for d in lib embedded; do "$cc" "$work/use.c" -I"$work/$d" "$work/$d/libnet.a" -lm -o "$work/use_$d"; done
"$work/use_lib" "$work" "$work/loaded.f32" || fail "load"
"$work/use_embedded" "$work/embedded.f32" || fail "embedded"
cmp "$work/loaded.f32" "$work/embedded.f32" || fail "loaded and embedded weights answer differently"
# What was saved is what was loaded: the same tensors under the same names.
"$GRAPHC" build "$here/net.json" -o "$work/resaved" --weights "$work/saved.safetensors"
"$cc" "$work/use.c" -I"$work/resaved" "$work/resaved/libnet.a" -lm -o "$work/use_resaved" && "$work/use_resaved" "$work/resaved.f32"
cmp "$work/loaded.f32" "$work/resaved.f32" || fail "saved weights answer differently"
[ -z "$(find "$work" -name '*.tmp*')" ] || fail "a temporary file is left"
