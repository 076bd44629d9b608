# The standard layers against formulas in plain Python (no NumPy), with random weights from a safetensors file, at -O0 and -O2.
#   layers.py GRAPHC
import itertools, math, os, random, subprocess, sys, tempfile
from tensor_files import Tensor, make, read_npy, single, write_npy, write_safetensors

here = os.path.dirname(os.path.abspath(__file__))
rng = random.Random(5)


def normal(*shape):
    return make(shape, lambda i: single(rng.gauss(0, 1)))


def mean(values):
    values = list(values)
    return math.fsum(values) / len(values)


def statistics(x, key):
    """Mean and variance of all elements with the same key(index)."""
    groups = {}
    for i in x.each():
        groups.setdefault(key(i), []).append(x[i])
    return {k: (mean(v), mean((a - mean(v)) ** 2 for a in v)) for k, v in groups.items()}


def normalized(x, key, scale, shift, eps=1e-5):
    s = statistics(x, key)
    return make(x.shape, lambda i: (x[i] - s[key(i)][0]) / math.sqrt(s[key(i)][1] + eps) * scale[i[-1:]] + shift[i[-1:]])


def dense(x, w, b=None):
    def value(i):
        return math.fsum(x[i[:-1] + (k,)] * w[k, i[-1]] for k in range(w.shape[0])) + (b[i[-1:]] if b else 0)
    return make(x.shape[:-1] + w.shape[1:], value)


def conv(x, w, b=None, stride=1, dilation=1, same=False, groups=1):
    rank = len(x.shape) - 2
    out, low = [], []
    for n, k in zip(x.shape[1:-1], w.shape):
        reach = (k - 1) * dilation + 1
        size = -(-n // stride) if same else (n - reach) // stride + 1
        out.append(size)
        low.append(max(0, (size - 1) * stride + reach - n) // 2 if same else 0)
    per, filters = w.shape[-2], w.shape[-1]

    def value(i):
        total = b[i[-1:]] if b else 0
        first = i[-1] // (filters // groups) * per
        for k in itertools.product(*map(range, w.shape[:rank])):
            place = [i[1 + a] * stride + k[a] * dilation - low[a] for a in range(rank)]
            if all(0 <= p < n for p, n in zip(place, x.shape[1:-1])):
                total += sum(x[(i[0], *place, first + c)] * w[(*k, c, i[-1])] for c in range(per))
        return total
    return make((x.shape[0], *out, filters), value)


def attention(x, memory, p, heads, kv, causal):
    q, k, v = (dense(t, p[n + '.weight'], p.get(n + '.bias')) for n, t in (('q', x), ('k', memory), ('v', memory)))
    (batch, s, n), m, d = x.shape, memory.shape[1], x.shape[2] // heads
    joined = Tensor((batch, s, n))
    for b, h, i in itertools.product(range(batch), range(heads), range(s)):
        g = h // (heads // kv)
        seen = [j for j in range(m) if not causal or j <= i + m - s]
        score = [sum(q[b, i, h * d + c] * k[b, j, g * d + c] for c in range(d)) / math.sqrt(d) for j in seen]
        weight = [math.exp(a - max(score)) for a in score]
        for c in range(d):
            joined.data[joined.at((b, i, h * d + c))] = sum(w * v[b, j, g * d + c] for w, j in zip(weight, seen)) / sum(weight)
    return dense(joined, p['y.weight'], p.get('y.bias'))


def expected(inputs, p):
    def own(prefix):
        return {name[len(prefix):]: t for name, t in p.items() if name.startswith(prefix)}
    x, last = inputs['rows']['x'], lambda i: i[-1]
    row = lambda i: i[:-1]
    n = own('bn.n.')
    fixed = lambda mean_, var: make(x.shape, lambda i: (x[i] - mean_(i[-1])) / math.sqrt(var(i[-1]) + 1e-5) * n['scale'][i[-1:]] + n['shift'][i[-1:]])
    s = statistics(x, last)
    yield 'batch', {'before': fixed(lambda c: n['mean'][c,], lambda c: n['var'][c,]),
                    'trained': normalized(x, last, n['scale'], n['shift']),
                    'later': fixed(lambda c: 0.75 * n['mean'][c,] + 0.25 * s[c][0], lambda c: 0.75 * n['var'][c,] + 0.25 * s[c][1])}
    image, first = inputs['nchw']['x'], lambda i: i[1]
    chosen = own('nchw.n.')
    f = lambda name: chosen[name]
    spread = lambda i: (image[i] - f('mean')[i[1:2]]) / math.sqrt(f('var')[i[1:2]] + 1e-5) * f('scale')[i[1:2]] + f('shift')[i[1:2]]
    last_image = make((2, 3, 4, 2), lambda i: image[i[0], i[3], i[1], i[2]])
    plain = own('nchw.c.')
    ahead = conv(last_image, plain['weight'], plain['bias'], 2, 1, True, 2)
    signal = inputs['nchw']['s']
    line = conv(make((2, 5, 4), lambda i: signal[i[0], i[2], i[1]]), p['nchw.l.weight'], p['nchw.l.bias'])
    cube = inputs['nchw']['v']
    volume = conv(make((1, 2, 3, 3, 2), lambda i: cube[i[0], i[4], i[1], i[2], i[3]]), p['nchw.d.weight'])
    g = statistics(image, first)
    train = lambda i: (image[i] - g[i[1]][0]) / math.sqrt(g[i[1]][1] + 1e-5)
    yield 'nchw', {'n': make(image.shape, spread), 'c': make((2, 4, *ahead.shape[1:3]), lambda i: max(0.0, ahead[i[0], i[2], i[3], i[1]])),
                   'l': make((2, 3, line.shape[1]), lambda i: line[i[0], i[2], i[1]]),
                   'd': make((1, 2, *volume.shape[1:4]), lambda i: volume[i[0], i[2], i[3], i[4], i[1]]),
                   't': make(image.shape, train), 'b': make(image.shape, train)}
    l, r, d = own('rows.l.'), own('rows.r.'), own('rows.d.')
    square = lambda i: mean(x[i[0], k] ** 2 for k in range(3))
    h = dense(x, d['weight'], d['bias'])
    yield 'rows', {'l': normalized(x, row, l['scale'], l['shift']),
                   'r': make(x.shape, lambda i: x[i] / math.sqrt(square(i) + 0.001) * r['scale'][i[-1:]]),
                   'd': make(h.shape, lambda i: math.tanh(h[i])), 'o': x}
    x = inputs['images']['x']
    a, b, g = own('images.plain.'), own('images.same.'), own('images.g.')
    same = conv(x, b['weight'], b['bias'], 2, 1, True, 2)
    yield 'images', {'plain': conv(x, a['weight'], a['bias']), 'same': make(same.shape, lambda i: max(0.0, same[i])),
                     'g': normalized(x, lambda i: (i[0], i[3] // 2), g['scale'], g['shift'])}
    yield 'line', {'y': conv(inputs['line']['x'], p['line.y.weight'], None, 1, 2)}
    ids = inputs['words']['ids']
    yield 'words', {'e': make((2, 3, 4), lambda i: p['words.e.weight'][ids[i[:2]], i[2]])}
    x, memory = inputs['attend']['x'], inputs['attend']['memory']
    yield 'attend', {'self': attention(x, x, own('attend.self.'), 4, 2, True),
                     'cross': attention(x, memory, own('attend.cross.'), 2, 2, False)}


def weights():
    p = {'bn.n.scale': normal(3), 'bn.n.shift': normal(3), 'bn.n.mean': normal(3), 'bn.n.var': make((3,), lambda i: single(rng.uniform(0.5, 2))),
         'rows.l.scale': normal(3), 'rows.l.shift': normal(3), 'rows.r.scale': normal(3), 'rows.d.weight': normal(3, 2),
         'rows.d.bias': normal(2), 'images.plain.weight': normal(2, 3, 4, 3), 'images.plain.bias': normal(3),
         'images.same.weight': normal(3, 3, 2, 4), 'images.same.bias': normal(4), 'images.g.scale': normal(4),
         'images.g.shift': normal(4), 'line.y.weight': normal(2, 2, 3), 'words.e.weight': normal(5, 4)}
    p.update({'nchw.n.scale': normal(2), 'nchw.n.shift': normal(2)})
    for path in 'train.t', 'train.b':
        p.update({path + '.scale': make((2,), lambda i: 1.0), path + '.shift': make((2,), lambda i: 0.0)})
    for path in 'nchw.n', 'train.t', 'train.b':
        p.update({path + '.mean': normal(2), path + '.var': make((2,), lambda i: single(rng.uniform(0.5, 2)))})
    p.update({'nchw.c.weight': normal(3, 3, 1, 4), 'nchw.c.bias': normal(4), 'nchw.l.weight': normal(2, 4, 3), 'nchw.l.bias': normal(3),
              'nchw.d.weight': normal(2, 2, 1, 2, 2)})
    for name, rows, columns in ('q', 8, 8), ('k', 8, 4), ('v', 8, 4), ('y', 8, 8):
        p['attend.self.%s.weight' % name], p['attend.self.%s.bias' % name] = normal(rows, columns), normal(columns)
    for name, rows in ('q', 8), ('k', 6), ('v', 6), ('y', 8):
        p['attend.cross.%s.weight' % name] = normal(rows, 8)
    return p


def main():
    graphc, bad = sys.argv[1], 0
    p = weights()
    x = normal(4, 3)
    inputs = {'batch': {'x': x}, 'rows': {'x': x}, 'images': {'x': normal(2, 5, 4, 4)}, 'line': {'x': normal(2, 7, 2)},
              'nchw': {'x': normal(2, 2, 3, 4), 's': normal(2, 4, 5), 'v': normal(1, 2, 2, 3, 3)},
              'words': {'ids': Tensor((2, 3), [0, 4, 2, 1, 1, 3], 'I32')}, 'attend': {'x': normal(2, 3, 8), 'memory': normal(2, 4, 6)}}
    with tempfile.TemporaryDirectory() as work:
        write_safetensors(work + '/w.safetensors', p)
        for (entry, wanted), level in itertools.product(list(expected(inputs, p)), '02'):
            os.makedirs('%s/%s' % (work, entry), exist_ok=True)
            for name, t in inputs[entry].items():
                write_npy('%s/%s/%s.npy' % (work, entry, name), t, '<i4' if t.dtype == 'I32' else '<f4')
            out = '%s/%s%s' % (work, entry, level)
            subprocess.run([graphc, 'run', here + '/layers.json', '--entry', entry, '--inputs', work + '/' + entry, '--outputs', out,
                            '-O' + level, '--weights', work + '/w.safetensors'], check=True)
            for name, t in wanted.items():
                got = read_npy('%s/%s.npy' % (out, name))
                worst = max(abs(a - b) / (1 + abs(b)) for a, b in zip(got.data, t.data)) if got.shape == t.shape else math.inf
                if not worst < 2e-5:
                    bad += 1
                    print('%s.%s at -O%s: off by %g, shape %s' % (entry, name, level, worst, got.shape))
    sys.exit(1 if bad else 0)


main()
