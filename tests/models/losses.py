# The losses of the standard layers against their formulas in plain Python, as nodes and in formulas, with every reduction.
#   losses.py GRAPHC
import json, math, os, random, subprocess, sys, tempfile
from tensor_files import make, read_npy, single, write_npy

graphc, rng = sys.argv[1], random.Random(3)
ROWS, CLASSES = 5, 7
rows, both = range(ROWS), [(i, c) for i in range(ROWS) for c in range(CLASSES)]


def normal(*shape):
    return make(shape, lambda i: single(rng.gauss(0, 1)))


z, q, weight = normal(ROWS, CLASSES), normal(ROWS, CLASSES), make((CLASSES,), lambda i: single(rng.random() + 0.5))
label = [0, 3, 6, 2, 2]
sign = [1, -1, 1, 1, -1]
raw = {i: [rng.random() for _ in range(CLASSES)] for i in rows}
raw[0][0] = 0.0  # a probability may be 0
p = make((ROWS, CLASSES), lambda i: single(raw[i[0]][i[1]] / sum(raw[i[0]])))
log_sum = [math.log(math.fsum(math.exp(z[i, c]) for c in range(CLASSES))) for i in rows]
x = {(i, c): z[i, c] - log_sum[i] for i, c in both}  # log probabilities
huber = lambda d, delta: d * d / 2 if abs(d) <= delta else delta * (abs(d) - delta / 2)
total = lambda values: math.fsum(values)


def of_index(weights, smoothing):
    """Per row, and what each row counts."""
    w = lambda c: weights[(c,)] if weights else 1.0
    each = [-(1 - smoothing) * x[i, label[i]] * w(label[i]) - smoothing / CLASSES * total(x[i, c] * w(c) for c in range(CLASSES)) for i in rows]
    return each, total(w(label[i]) for i in rows)


def of_probabilities(weights, smoothing):
    w = lambda c: weights[(c,)] if weights else 1.0
    return [-total(x[i, c] * w(c) * ((1 - smoothing) * p[i, c] + smoothing / CLASSES) for c in range(CLASSES)) for i in rows], ROWS


def cosine(i, margin):
    dot = total(z[i, c] * q[i, c] for c in range(CLASSES))
    length = lambda t: total(t[i, c] ** 2 for c in range(CLASSES)) + 1e-12
    value = dot / math.sqrt(length(z) * length(q))
    return 1 - value if sign[i] > 0 else max(0.0, value - margin)


def flat(value):
    return [value(i) for i in both], ROWS * CLASSES


CASES = {  # call -> (losses of the places, what they are divided by)
    'mean_squared_error(z, q': flat(lambda i: (z[i] - q[i]) ** 2),
    'mean_absolute_error(z, q': flat(lambda i: abs(z[i] - q[i])),
    'huber(z, q': flat(lambda i: huber(z[i] - q[i], 1.0)),
    'huber(z, q, delta=0.3': flat(lambda i: huber(z[i] - q[i], 0.3)),
    'hinge(z, sign(q)': flat(lambda i: max(0.0, 1 - math.copysign(1, q[i]) * z[i])),
    'binary_cross_entropy(z, p': flat(lambda i: math.log1p(math.exp(z[i])) - p[i] * z[i]),
    'binary_cross_entropy(1000.0 * z, p': flat(lambda i: max(1000 * z[i], 0) - p[i] * 1000 * z[i]),
    'kl_divergence(log_softmax(z), p': flat(lambda i: p[i] * (math.log(p[i]) - x[i]) if p[i] else 0.0),
    'nll(log_softmax(z), label': of_index(None, 0),
    'nll(log_softmax(z), label, w': of_index(weight, 0),
    'cross_entropy(z, label': of_index(None, 0),
    'cross_entropy(z, label, w': of_index(weight, 0),
    'cross_entropy(z, label, w, label_smoothing=0.1': of_index(weight, 0.1),
    'cross_entropy(z, label, label_smoothing=0.3': of_index(None, 0.3),
    'cross_entropy(z, p': of_probabilities(None, 0),
    'cross_entropy(z, p, w, label_smoothing=0.2': of_probabilities(weight, 0.2),
    'cosine_embedding(z, q, s, margin=0.1': ([cosine(i, 0.1) for i in rows], ROWS),
}
outputs, wanted = {}, {}
for n, (call, (each, count)) in enumerate(CASES.items()):
    for reduction, values in (('', [total(each) / count]), ('mean', [total(each) / count]), ('sum', [total(each)]), ('none', each)):
        name = f'y{n}{reduction}'
        outputs[name], wanted[name] = call + (f', reduction={reduction})' if reduction else ')'), values
# A call with attributes is a node as well.
nodes = [{'op': 'cross_entropy', 'in': {'logits': 'z', 'label': 'label', 'weight': 'w'}, 'out': 'node', 'reduction': 'sum'}]
outputs['node'], wanted['node'] = 'node', wanted['y11sum']
graph = {'graphc': 1, 'name': 'losses', 'functions': {'f': {
    'inputs': {'z': f'f32[{ROWS}, {CLASSES}]', 'q': f'f32[{ROWS}, {CLASSES}]', 'p': f'f32[{ROWS}, {CLASSES}]', 'w': f'f32[{CLASSES}]',
               's': f'f32[{ROWS}]', 'label': f'i32[{ROWS}]'}, 'nodes': nodes, 'outputs': outputs}}, 'entries': ['f']}
failed = 0
with tempfile.TemporaryDirectory() as folder:
    path = lambda name: os.path.join(folder, name)
    os.makedirs(path('in'))
    open(path('f.json'), 'w').write(json.dumps(graph))
    for name, t in (('z', z), ('q', q), ('p', p), ('w', weight), ('s', make((ROWS,), lambda i: float(sign[i[0]])))):
        write_npy(path(f'in/{name}.npy'), t, '<f4')
    write_npy(path('in/label.npy'), make((ROWS,), lambda i: label[i[0]]), '<i4')
    subprocess.run([graphc, 'run', path('f.json'), '--inputs', path('in'), '--outputs', path('out')], check=True)
    for name, values in wanted.items():
        got = read_npy(path(f'out/{name}.npy')).data
        if len(got) != len(values) or any(not abs(g - v) <= 2e-6 * max(1, abs(v)) for g, v in zip(got, values)):
            print(f'{outputs[name]}: {got}, not {values}')
            failed += 1
sys.exit(failed > 0)
