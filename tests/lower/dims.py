"""Prints one module twice over: with named dims, or with numbers in their place.

usage: dims.py            B (0 to 64), T (1 to 16) and E (a multiple of 8, up to 64) stay names
       dims.py B T E      these numbers
The entry "net" uses one dim, products of two, a multiple and a called function; "flat" collapses and expands.
"""
import sys

BOUNDS = {"B": (0, 64, 1), "T": (1, 16, 1), "E": (8, 64, 8)}
VALUES = dict(zip(BOUNDS, map(int, sys.argv[1:])))
DIMS = {name: f'<"{name}", {low}, {high}, {multiple}>' for name, (low, high, multiple) in BOUNDS.items()}


def tensor(*sizes, element="f32"):
    """A size is a number or text over one or two dims, as in "B*T" or "B"."""
    used = sorted({name for size in sizes for name in str(size).split("*") if name in BOUNDS})
    if VALUES or not used:
        return f"tensor<{''.join(f'{eval(str(size), {}, VALUES)}x' for size in sizes)}{element}>"
    axes = []
    for size in sizes:
        text = str(size)
        for i, name in enumerate(used):
            multiple = BOUNDS[name][2]
            text = text.replace(name, f"s{i}" if multiple == 1 else f"s{i} * {multiple}")
        axes.append(text)
    symbols = ", ".join(f"s{i}" for i in range(len(used)))
    shape = f"#graph.shape<()[{symbols}] -> ({', '.join(axes)}), {', '.join(DIMS[name] for name in used)}>"
    return f"tensor<{''.join('?x' if set(str(size).split('*')) & set(BOUNDS) else f'{size}x' for size in sizes)}{element}, {shape}>"


x, h, e = tensor("B", "T", "E"), tensor("B", "T", 7), tensor("T", 1)
named = "" if VALUES else " attributes {graph.dims = [%s]}" % ", ".join("#graph.dim" + dim for dim in DIMS.values())
print(f"""module{named} {{
  func.func @net(%x: {x}, %w: {tensor("E", 7)}, %y: {e}) -> ({h}, {tensor("B", "T", element="i32")}, {x}) attributes {{graph.entry = 0 : i64}} {{
    %0 = graph.matmul %x, %w : {x}, {tensor("E", 7)}
    %1 = graph.add %0, %y : {h}, {e}
    %2 = graph.tanh %1 : {h}
    %3 = graph.call @twice(%2) : ({h}) -> {h}
    %4 = graph.softmax %3 : {h}
    %5 = graph.mul %4, %2 : {h}, {h}
    %6 = graph.call @twice(%5) : ({h}) -> {h}
    %7 = graph.argmax %6 : {h}
    %8 = graph.exp %x : {x}
    %9 = graph.softmax %8 {{axis = 1 : i64}} : {x}
    return %6, %7, %9 : {h}, {tensor("B", "T", element="i32")}, {x}
  }}
  func.func private @twice(%x: {h}) -> {h} {{
    %0 = graph.softmax %x {{axis = 0 : i64}} : {h}
    %1 = graph.exp %0 : {h}
    %2 = graph.softmax %1 : {h}
    %3 = graph.add %2, %x : {h}, {h}
    return %3 : {h}
  }}
}}""")
