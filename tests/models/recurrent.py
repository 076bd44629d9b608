# The recurrent layers against formulas in plain Python, step by step, with random weights from a safetensors file: 0, 1 and 6 times,
# forward and in reverse, stacked and in both directions, at -O2 and, once each, -O0.
#   recurrent.py GRAPHC
import math, os, random, subprocess, sys, tempfile
from tensor_files import Tensor, make, read_npy, single, write_npy, write_safetensors

here = os.path.dirname(os.path.abspath(__file__))
rng = random.Random(7)
normal = lambda *shape: make(shape, lambda i: single(rng.gauss(0, 1)))
sigmoid = lambda v: 1 / (1 + math.exp(-v))


def product(x, w, b):
    """Rows of numbers times a weight."""
    return [[math.fsum(row[k] * w[k, j] for k in range(w.shape[0])) + (b[j,] if b else 0) for j in range(w.shape[1])] for row in x]


def rows(t):
    return [[t[i, j] for j in range(t.shape[1])] for i in range(t.shape[0])]


def added(a, b):
    return [[p + q for p, q in zip(*pair)] for pair in zip(a, b)]


def rnn_step(p, x, h):
    return [[max(v, 0) for v in row] for row in added(product(x, p['weight'], p['bias']), product(h, p['recurrent'], None))]


def lstm_step(p, x, h, c, forget_bias):
    z, u = added(product(x, p['weight'], p['bias']), product(h, p['recurrent'], None)), len(c[0])
    cn = [[sigmoid(r[u + k] + forget_bias) * c[b][k] + sigmoid(r[k]) * math.tanh(r[2 * u + k]) for k in range(u)] for b, r in enumerate(z)]
    return [[sigmoid(r[3 * u + k]) * math.tanh(cn[b][k]) for k in range(u)] for b, r in enumerate(z)], cn


def gru_step(p, x, h):
    z, q, u = product(x, p['weight'], p['bias']), product(h, p['recurrent'], p['recurrent_bias']), len(h[0])
    def one(b, k):
        reset, update = sigmoid(z[b][k] + q[b][k]), sigmoid(z[b][u + k] + q[b][u + k])
        return (1 - update) * math.tanh(z[b][2 * u + k] + reset * q[b][2 * u + k]) + update * h[b][k]
    return [[one(b, k) for k in range(u)] for b in range(len(h))]


def over_time(step, xs, state, reverse=False):
    """xs: by time. All first parts of the state by time, and the last state."""
    all = [None] * len(xs)
    for t in reversed(range(len(xs))) if reverse else range(len(xs)):
        state = step(xs[t], *state)
        all[t] = state[0]
    return all, state


def batch_first(by_time, b, u):
    return [by_time[t][i][k] for i in range(b) for t in range(len(by_time)) for k in range(u)]


def flat(x):
    return [v for row in x for v in row]


graphc, graph = os.path.abspath(sys.argv[1]), os.path.join(here, 'recurrent.json')
units = {'r.n': (3, 5, 1), 'l.n': (3, 4, 4), 'g.n': (3, 17, 3), 'both.there': (3, 4, 4), 'both.back': (3, 4, 4), 'both.top': (8, 2, 3), 'cells.a': (3, 4, 4),
         'cells.b': (3, 4, 3)}
weights = {}
for path, (n, u, gates) in units.items():
    shapes = {'weight': (n, gates * u), 'recurrent': (u, gates * u), 'bias': (gates * u,)} | ({'recurrent_bias': (gates * u,)} if gates == 3 else {})
    for name, shape in shapes.items():
        weights[f'{path}.{name}'] = normal(*shape)
params = lambda path: {name[len(path) + 1:]: t for name, t in weights.items() if name.startswith(path + '.')}
zeros = lambda b, u: [[0.0] * u for _ in range(b)]


def wanted(entry, inputs):
    x = inputs['x']
    b = x.shape[0]
    if entry == 'cells':
        h, c = lstm_step(params('cells.a'), rows(x), rows(inputs['h']), rows(inputs['c']), 0.5)
        return {'h1': flat(h), 'c1': flat(c), 'h2': flat(gru_step(params('cells.b'), rows(x), h))}
    xs = [[[x[i, t, k] for k in range(3)] for i in range(b)] for t in range(x.shape[1])]
    lstm = lambda path, bias: lambda x, h, c: lstm_step(params(path), x, h, c, bias)
    gru = lambda path: lambda x, h: (gru_step(params(path), x, h),)
    if entry == 'r':
        hs, (h,) = over_time(lambda x, h: (rnn_step(params('r.n'), x, h),), xs, (zeros(b, 5),))
        return {'hs': batch_first(hs, b, 5), 'h': flat(h)}
    if entry == 'l':
        hs, (h, c) = over_time(lstm('l.n', 0.5), xs, (rows(inputs['h']), rows(inputs['c'])))
        return {'hs': batch_first(hs, b, 4), 'h1': flat(h), 'c1': flat(c)}
    if entry == 'g':
        hs, (h,) = over_time(gru('g.n'), xs, (rows(inputs['h']),), reverse=True)
        return {'hs': batch_first(hs, b, 17), 'h1': flat(h)}
    there, _ = over_time(lstm('both.there', 0), xs, (zeros(b, 4), zeros(b, 4)))
    back, _ = over_time(lstm('both.back', 0), xs, (zeros(b, 4), zeros(b, 4)), reverse=True)
    joined = [[p + q for p, q in zip(*pair)] for pair in zip(there, back)]
    return {'z': flat(over_time(gru('both.top'), joined, (zeros(b, 2),))[1][0])}


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    write_safetensors('weights.safetensors', weights)
    checked = 0
    for entry, further in {'r': {}, 'l': {'h': 4, 'c': 4}, 'g': {'h': 17}, 'both': {}, 'cells': {'h': 4, 'c': 4}}.items():
        for b, time in [(1, 6), (3, 6), (2, 1), (2, 0)]:
            inputs = {'x': normal(b, 3) if entry == 'cells' else normal(b, time, 3)} | {name: normal(b, u) for name, u in further.items()}
            os.makedirs('in', exist_ok=True)
            for name, t in inputs.items():
                write_npy(f'in/{name}.npy', t, '<f4')
            expected = wanted(entry, inputs)
            for level in ('-O2', '-O0') if b == 3 else ('-O2',):
                subprocess.run([graphc, 'run', graph, '--entry', entry, '--inputs', 'in', '--outputs', 'out', '--weights', 'weights.safetensors', level], check=True)
                for name, values in expected.items():
                    got = read_npy(f'out/{name}.npy').data
                    assert len(got) == len(values), (entry, name, len(got), len(values))
                    for g, v in zip(got, values):
                        assert abs(g - v) <= 2e-5 * max(1, abs(v)), (entry, name, b, time, level, g, v)
                    checked += len(values)
            if entry == 'cells':
                break
    print(checked, 'values right')
