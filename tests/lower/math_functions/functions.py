"""Writes a module with every math function as NAME_f32, NAME_f64 (vectors of the given lanes, over buffers) and
NAME_f32_scalar, NAME_f64_scalar. usage: functions.py LANES"""
import sys

lanes = int(sys.argv[1])
unary = "exp expm1 log log1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh erf rsqrt".split()
binary = "atan2 powf".split()
for name in unary + binary:
    for element in ("f32", "f64"):
        for suffix, width in (("", lanes), ("_scalar", 1)):
            kind = f"vector<{width}x{element}>" if width > 1 else element
            buffer = f"memref<1099511627776x{element}>"
            load, store = ("vector.load", "vector.store") if width > 1 else ("memref.load", "memref.store")
            at = f"{buffer}, {kind}" if width > 1 else buffer
            second = f", %b: {buffer}" if name in binary else ""
            print(f"""func.func @{name}_{element}{suffix}(%n: index, %a: {buffer}{second}, %out: {buffer}) {{
  %zero = arith.constant 0 : index
  %step = arith.constant {width} : index
  scf.for %i = %zero to %n step %step {{
    %x = {load} %a[%i] : {at}""")
            if name in binary:
                print(f"    %y = {load} %b[%i] : {at}")
            operands = "%x, %y" if name in binary else "%x"
            print(f"""    %r = math.{name} {operands} : {kind}
    {store} %r, %out[%i] : {at}
  }}
  return
}}""")
