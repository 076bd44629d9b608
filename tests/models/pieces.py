# pieces.json, the constructs that the language's other examples have no use for, from C: values and gradients to closed forms and plain Python; of
# `halves`, in f64, to finite differences. At -O2 and -O0.
#   pieces.py GRAPHC
import ctypes, math, random, struct, sys, tempfile
from checks import check, finish, near
from compiled_model import Model, array, build, doubles, read_graph

rng, longs = random.Random(8), array(ctypes.c_int64)
B, T, D, HEADS = 2, 6, 32, 4


def graph():
    model = read_graph('pieces')
    for name, of, wrt in (('d_series', 'series', 'x'), ('d_norms', 'norms_sum', 'rows'), ('d_log_sum', 'log_sum', 'x'), ('hv_log_sum', 'log_sum', 'x'),
                          ('d_halves', 'halves_sum', 'x')):
        model['functions'][name] = {'derive': 'hvp' if name.startswith('hv') else 'grad', 'of': of, 'wrt': [wrt]}
    model['functions']['d_mix'] = {'derive': 'grad', 'of': 'halves_sum', 'wrt': ['halves.**']}
    model['functions']['norms_sum'] = {'inputs': {'rows': 'f64[B, 3]', 'w': 'f64[B]'}, 'outputs': {'l': 'sum(norms(rows) * w)'}}
    # Of two-byte floats and of four there would be too few digits for differences.
    halves = model['functions']['halves']
    halves['inputs']['x'] = halves['inputs']['x'].replace('f32', 'f64')
    for node in halves['nodes']:
        for key in 'expect', 'type':
            if key in node:
                node[key] = node[key].replace('f32', 'f64')
    model['functions']['halves_sum'] = {'inputs': {**halves['inputs'], 'w': 'f64[B, T/2, 32]'}, 'outputs': {'l': 'sum(halves(x, strong, key) * w)'}}
    model['entries'] += ['d_series', 'd_norms', 'd_log_sum', 'hv_log_sum', 'd_halves', 'd_mix', 'halves_sum']
    return model


def scalar(model, entry, *arguments):
    y = ctypes.c_double()
    model.call(entry, *arguments, ctypes.byref(y))
    return y.value


def attention(x, p):
    """Of one text: the second half is what the first looks at."""
    dense = lambda rows, name: [[sum(row[i] * p[f'halves.mix.{name}.weight'][i * D + j] for i in range(D)) + p[f'halves.mix.{name}.bias'][j] for j in range(D)] for row in rows]
    q, k, v, width, out = dense(x[:T // 2], 'q'), dense(x[T // 2:], 'k'), dense(x[T // 2:], 'v'), D // HEADS, []
    for row in q:
        made = []
        for head in range(HEADS):
            part = slice(head * width, (head + 1) * width)
            score = [math.exp(sum(a * b for a, b in zip(row[part], key[part])) / math.sqrt(width)) for key in k]
            made += [sum(s * value[part][j] for s, value in zip(score, v)) / sum(score) for j in range(width)]
        out.append(made)
    return dense(out, 'y')


def run(folder, level):
    build(sys.argv[1], graph(), folder, level)
    model = Model(folder, 'pieces', seed=5)
    for x in (-1.5, 0.0, 0.7, 2.0):
        terms = [x ** n / math.factorial(n) for n in range(20)]
        near('series', [scalar(model, 'series', ctypes.c_double(x))], [sum(terms)], 1e-13)
        y, dx = ctypes.c_double(), ctypes.c_double()
        model.call('d_series', ctypes.c_double(x), ctypes.byref(y), ctypes.byref(dx))
        near('series, derived', [dx.value], [sum(terms[:-1])], 1e-13)
    rows, w = [[rng.gauss(0, 1) for _ in range(3)] for _ in range(5)], [rng.gauss(0, 1) for _ in range(5)]
    length = [math.sqrt(sum(v * v for v in row)) for row in rows]
    flat, got, total, gradient = doubles([v for row in rows for v in row]), doubles(5), ctypes.c_double(), doubles(15)
    model.call('norms', ctypes.c_int64(5), flat, got)
    near('norms', list(got), length, 1e-14)
    model.call('d_norms', ctypes.c_int64(5), flat, doubles(w), ctypes.byref(total), gradient)
    near('norms, derived', list(gradient), [v / l * u for row, l, u in zip(rows, length, w) for v in row], 1e-13)
    r, a, jacobian = 1.3, 0.4, doubles(4)
    model.call('polar_jacobian', doubles([r, a]), jacobian)
    near('polar_jacobian', list(jacobian), [math.cos(a), -r * math.sin(a), math.sin(a), r * math.cos(a)], 1e-14)

    x, v = [rng.gauss(0, 2) for _ in range(8)], [rng.gauss(0, 1) for _ in range(8)]
    total = sum(map(math.exp, x))
    p = [math.exp(one) / total for one in x]
    near('log_sum', [scalar(model, 'log_sum', ctypes.c_int64(8), doubles(x))], [math.log(total)], 1e-14)
    y, gradient, product = ctypes.c_double(), doubles(8), doubles(8)
    model.call('d_log_sum', ctypes.c_int64(8), doubles(x), ctypes.byref(y), gradient)
    near('log_sum, derived', list(gradient), p, 1e-14)
    model.call('hv_log_sum', ctypes.c_int64(8), doubles(x), doubles(v), ctypes.byref(y), product)
    mean = sum(a * b for a, b in zip(p, v))
    near('log_sum, second derivative', list(product), [a * (b - mean) for a, b in zip(p, v)], 1e-13)

    size = B * T // 2 * D
    x, w, key = [rng.gauss(0, 1) for _ in range(2 * size)], doubles([rng.gauss(0, 1) for _ in range(size)]), ctypes.c_int64(11)
    sizes = [ctypes.c_int64(B), ctypes.c_int64(T)]
    made = {}
    for strong in 0, 1:
        made[strong] = doubles(size)
        model.call('halves', *sizes, doubles(x), ctypes.c_uint8(strong), key, made[strong])
    params = {name: struct.unpack('<%dd' % (len(data) // 8), data) for name, data in model.saved().items() if name.startswith('halves.')}
    mixed = [v for b in range(B) for row in attention([x[(b * T + t) * D:(b * T + t + 1) * D] for t in range(T)], params) for v in row]
    noise = [(a - b) / 0.9 for a, b in zip(made[1], made[0])]
    near('halves', list(made[0]), [m + 0.1 * n for m, n in zip(mixed, noise)], 1e-12)
    check('the noise is none of a normal distribution', abs(sum(noise) / size) < 0.3 and 0.7 < sum(n * n for n in noise) / size < 1.4)
    for strong in ctypes.c_uint8(0), ctypes.c_uint8(1):
        given = lambda x: [*sizes, doubles(x), strong, key, w]
        direction, step = [rng.gauss(0, 1) for _ in x], 1e-4
        moved = lambda sign: scalar(model, 'halves_sum', *given([a + sign * step * d for a, d in zip(x, direction)]))
        gradient, total = doubles(len(x)), ctypes.c_double()
        model.call('d_halves', *given(x), ctypes.byref(total), gradient)
        near('halves, derived', [sum(a * b for a, b in zip(gradient, direction))], [(moved(1) - moved(-1)) / (2 * step)], 1e-7)
        names = sorted(name for name in params if name.startswith('halves.'))
        gradient = doubles(sum(len(params[name]) for name in names))
        model.call('d_mix', *given(x), ctypes.byref(total), gradient)
        # The loss is linear in the last layer's params, and noise adds a constant.
        place = sum(len(params[name]) for name in names[:names.index('halves.mix.y.bias')])
        wanted = [sum(w[(b * T // 2 + t) * D + j] for b in range(B) for t in range(T // 2)) for j in range(D)]
        near('halves, by the bias', gradient[place:place + D], wanted, 1e-12)
    model.close()


for level in '-O2', '-O0':
    with tempfile.TemporaryDirectory() as folder:
        run(folder, level)
finish()
