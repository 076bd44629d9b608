# 3x3 convolutions with constant filters: by Winograd they are near the exact sums (plain Python), with --accuracy=strict nearer;
# at every ISA level; at -O0 and with 1, 2 and 3 threads the same bits; border, epilogue, batch and layout of every kind.
#   winograd.py GRAPHC
import json, math, os, random, subprocess, sys, tempfile
from tensor_files import Tensor, make, read_npy, single, write_npy, write_safetensors

graphc, rng = sys.argv[1], random.Random(7)

# batch, height, width, channels, filters, padding (top, bottom, left, right), what follows, layout
CASES = [
    (1, 12, 13, 16, 24, (1, 1, 1, 1), 'relu(y + b)', 'nhwc'),
    (2, 12, 12, 20, 20, (1, 1, 1, 1), 'relu(y + b) + x', 'nhwc'),
    (1, 16, 18, 16, 17, (0, 0, 0, 0), 'gelu(y) * b', 'nhwc'),
    (1, 17, 15, 17, 16, (2, 0, 0, 2), 'y', 'nhwc'),
    (3, 10, 14, 24, 16, (0, 1, 2, 1), 'max(y, b)', 'nchw'),
    ('B', 16, 12, 16, 16, (1, 1, 1, 1), 'relu(y + b)', 'nhwc'),
]


def graph(case):
    n, h, w, c, f, (top, bottom, left, right), formula, layout = case
    x = [n, h, w, c] if layout == 'nhwc' else [n, c, h, w]
    b = f'f32[{f}]' if layout == 'nhwc' else f'f32[{f}, 1, 1]'
    return {
        'graphc': 1, 'name': 'layer', **({'dims': {'B': {'min': 0, 'max': 8}}} if n == 'B' else {}),
        'functions': {'layer': {
            'inputs': {'x': 'f32[%s]' % ', '.join(map(str, x)), 'b': b}, 'params': {'w': {'type': f'f32[3, 3, {c}, {f}]', 'init': 0}},
            'nodes': [{'op': 'conv', 'in': ['x', 'w'], 'out': 'y', 'padding': [[top, bottom], [left, right]], 'layout': layout},
                      {'out': 'z', 'formula': formula}], 'outputs': ['z']}},
        'entries': ['layer']}


def exact(case, batch, x, b, w):
    n, h, wide, c, f, (top, bottom, left, right), formula, layout = case
    first = layout == 'nchw'
    rows, columns = h + top + bottom - 2, wide + left + right - 2
    after = {'y': lambda y, b, x: y, 'relu(y + b)': lambda y, b, x: max(y + b, 0), 'relu(y + b) + x': lambda y, b, x: max(y + b, 0) + x,
             'max(y, b)': lambda y, b, x: max(y, b), 'gelu(y) * b': lambda y, b, x: y * (1 + math.erf(y / math.sqrt(2))) / 2 * b}[formula]
    at = lambda i, p, q, k: x.data[x.at((i, k, p, q) if first else (i, p, q, k))]
    filters = [[[[w[a, e, k, o] for k in range(c)] for o in range(f)] for e in range(3)] for a in range(3)]

    def value(index):
        i, p, q, o = (index[0], index[2], index[3], index[1]) if first else index
        y = 0.0
        for a in range(3):
            for e in range(3):
                r, s = p + a - top, q + e - left
                if 0 <= r < h and 0 <= s < wide:
                    y += sum(map(float.__mul__, pixels[i, r, s], filters[a][e][o]))
        return after(y, b.data[o], x[index] if formula.endswith('x') else 0)
    pixels = {(i, p, q): [at(i, p, q, k) for k in range(c)] for i in range(batch) for p in range(h) for q in range(wide)}
    return make((batch, f, rows, columns) if first else (batch, rows, columns, f), value)


def normal(*shape, scale=1.0):
    return make(shape, lambda i: single(rng.gauss(0, scale)))


failed = 0
with tempfile.TemporaryDirectory() as folder:
    path = lambda name: os.path.join(folder, name)
    for number, case in enumerate(CASES):
        n, h, w, c, f, _, _, layout = case
        open(path('layer.json'), 'w').write(json.dumps(graph(case)))
        weights = normal(3, 3, c, f, scale=1 / math.sqrt(9 * c))
        write_safetensors(path('w.safetensors'), {'layer.w': weights})
        os.makedirs(path('in'), exist_ok=True)

        def build(*options):
            text = subprocess.run([graphc, 'build', path('layer.json'), '--emit=llvm', '--target=x86-64-v3', *options],
                                  check=True, capture_output=True, text=True).stdout
            return text.count('winograd_input')
        if number == 0 and (not build() or build('--accuracy=strict')):
            print(f'case {number}: not by Winograd, or not without with --accuracy=strict')
            failed += 1
        batch = 3 if n == 'B' else n
        x = normal(batch, h, w, c) if layout == 'nhwc' else normal(batch, c, h, w)
        b = normal(f) if layout == 'nhwc' else normal(f, 1, 1)
        write_npy(path('in/x.npy'), x, '<f4')
        write_npy(path('in/b.npy'), b, '<f4')
        wanted = exact(case, batch, x, b, weights)
        most = max(abs(v) for v in wanted.data)

        def run(*options):
            subprocess.run([graphc, 'run', path('layer.json'), '--weights', path('w.safetensors'), '--inputs', path('in'), '--outputs',
                            path('out'), *options], check=True)
            got = read_npy(path('out/z.npy'))
            assert got.shape == wanted.shape, (got.shape, wanted.shape)
            return got.data
        levels = ['x86-64-v2', 'x86-64-v3', 'native']
        for level in levels if number == 0 else ['native']:
            fast = run('--target', level)
            for label, got, bound in (('fast', fast, 2e-5), ('strict', run('--target', level, '--accuracy=strict'), 2e-6)):
                error = max(abs(g - v) for g, v in zip(got, wanted.data)) / most
                if not error < bound:  # NaN too
                    print(f'case {number}: {level}, {label}: off by {error:.1e} of the largest output, {bound:.0e} allowed')
                    failed += 1
            for options in (['-O0'], ['--threads', '2'], ['--threads', '3']) if number in (1, 5) else ():
                if run('--target', level, *options) != fast:
                    print(f'case {number}: {level}, {options}: other bits')
                    failed += 1
    # Filters that stand in the graph: the bits of the same filters as a param. And no image at all.
    case = CASES[0]
    written = graph(case)
    layer, (c, f) = written['functions']['layer'], case[3:5]
    weights = normal(3, 3, c, f)
    rows = [[[[weights[a, e, k, o] for o in range(f)] for k in range(c)] for e in range(3)] for a in range(3)]
    for name, t in (('x', normal(1, *case[1:4])), ('b', normal(f))):
        write_npy(path(f'in/{name}.npy'), t, '<f4')
    write_safetensors(path('w.safetensors'), {'layer.w': weights})

    def run(graph, *options):
        open(path('layer.json'), 'w').write(json.dumps(graph))
        subprocess.run([graphc, 'run', path('layer.json'), '--inputs', path('in'), '--outputs', path('out'), *options], check=True)
        return read_npy(path('out/z.npy'))
    wanted = run(written, '--weights', path('w.safetensors')).data
    strict = run(written, '--weights', path('w.safetensors'), '--accuracy=strict').data
    del layer['params']
    layer['nodes'][0]['in'][1] = {'type': f'f32[3, 3, {c}, {f}]', 'value': rows}
    assert run(written).data == wanted != strict == run(written, '--accuracy=strict').data
    write_npy(path('in/x.npy'), Tensor((0, 16, 12, 16)), '<f4')
    write_npy(path('in/b.npy'), normal(16), '<f4')
    assert run(graph(CASES[-1])).shape == (0, 16, 12, 16)
sys.exit(failed > 0)
