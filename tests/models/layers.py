# The standard layers against formulas in plain Python (no NumPy), with random weights from a safetensors file, at -O0 and -O2; the derivatives
# of attention.
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


def heads(q, k, v, causal=False, scale=None, mask=None):
    """Attention of heads: q [batch, time, heads, features], k and v [batch, memory, key heads, features]."""
    (batch, s, count, d), m, per = q.shape, k.shape[1], q.shape[2] // k.shape[2]
    y = Tensor((batch, s, count, v.shape[3]))
    for b, i, h in itertools.product(range(batch), range(s), range(count)):
        seen = [j for j in range(m) if (not causal or j <= i + m - s) and (mask is None or mask[b, 0, 0, j])]
        score = [sum(q[b, i, h, c] * k[b, j, h // per, c] for c in range(d)) * (scale or 1 / math.sqrt(d)) for j in seen]
        weight = [math.exp(a - max(score)) for a in score]
        for c in range(v.shape[3]):
            y.data[y.at((b, i, h, c))] = sum(w * v[b, j, h // per, c] for w, j in zip(weight, seen)) / sum(weight)
    return y


def attention(x, memory, p, count, kv, causal):
    q, k, v = (dense(t, p[n + '.weight'], p.get(n + '.bias')) for n, t in (('q', x), ('k', memory), ('v', memory)))
    apart = lambda t, n: Tensor((*t.shape[:2], n, t.shape[2] // n), t.data)
    joined = Tensor(x.shape, heads(apart(q, count), apart(k, kv), apart(v, kv), causal).data)
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
    q, k, v, mask = (inputs['heads'][name] for name in ('q', 'k', 'v', 'mask'))
    yield 'heads', {'all': heads(q, k, v), 'masked': heads(q, k, v, True, 0.7, mask)}


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
              'words': {'ids': Tensor((2, 3), [0, 4, 2, 1, 1, 3], 'I32')}, 'attend': {'x': normal(2, 3, 8), 'memory': normal(2, 4, 6)},
              'heads': {'q': normal(2, 3, 4, 5), 'k': normal(2, 6, 2, 5), 'v': normal(2, 6, 2, 3),
                        'mask': Tensor((2, 1, 1, 6), [1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 0], 'BOOL')}}
    with tempfile.TemporaryDirectory() as work:
        write_safetensors(work + '/w.safetensors', p)
        subprocess.run([graphc, 'gradcheck', here + '/layers.json', '--entry', 'heads'], check=True, stdout=subprocess.DEVNULL)
        for (entry, wanted), level in itertools.product(list(expected(inputs, p)), '02'):
            os.makedirs('%s/%s' % (work, entry), exist_ok=True)
            for name, t in inputs[entry].items():
                write_npy('%s/%s/%s.npy' % (work, entry, name), t, {'I32': '<i4', 'BOOL': '|b1'}.get(t.dtype, '<f4'))
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
