"""Writes a module with every conversion between number types as FROM_to_TO over buffers, for vectors of the given
lanes, and FROM_to_TO_scalar. usage: conversions.py LANES"""
import sys

lanes = int(sys.argv[1])
floats = "f16 bf16 f32 f64".split()
integers = "i8 i16 i32 i64".split()
order = {"f16": 16, "bf16": 16, "f32": 32, "f64": 64}
pairs = []
for source in floats:
    for target in floats:
        if order[source] < order[target]:
            pairs.append((source, target, "arith.extf", source, target))
        elif order[source] > order[target]:
            pairs.append((source, target, "arith.truncf", source, target))
    for integer in integers:
        unsigned = "u" + integer[1:]
        pairs += [(source, integer, "arith.fptosi", source, integer), (source, unsigned, "arith.fptoui", source, integer)]
        pairs += [(integer, source, "arith.sitofp", integer, source), (unsigned, source, "arith.uitofp", integer, source)]
for source, target, op, element, result in pairs:
    for suffix, width in (("", lanes), ("_scalar", 1)):
        shaped = lambda e: f"vector<{width}x{e}>" if width > 1 else e
        buffer = lambda e: f"memref<1099511627776x{e}>"
        load, store = ("vector.load", "vector.store") if width > 1 else ("memref.load", "memref.store")
        at = lambda e: f"{buffer(e)}, {shaped(e)}" if width > 1 else buffer(e)
        print(f"""func.func @{source}_to_{target}{suffix}(%n: index, %a: {buffer(element)}, %out: {buffer(result)}) {{
  %zero = arith.constant 0 : index
  %step = arith.constant {width} : index
  scf.for %i = %zero to %n step %step {{
    %x = {load} %a[%i] : {at(element)}
    %r = {op} %x : {shaped(element)} to {shaped(result)}
    {store} %r, %out[%i] : {at(result)}
  }}
  return
}}""")
