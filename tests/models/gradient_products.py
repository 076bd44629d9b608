# One SGD step of a net of three layers, batch 16 and 40, against plain Python: sizes at which dY W^T is made as (W dY^T)^T of W as it lies, and
# one at which it is not; with and without a norm that is reported, for which gradients are made in panels.
#   gradient_products.py GRAPHC
import ctypes, random, sys, tempfile
from checks import finish, near
from compiled_model import Model, build, floats
from tensor_files import floats_of, nested

graphc, rng = sys.argv[1], random.Random(11)
# Of b's gradient by its input, M x K by K x N: W as it lies for 16 x 48 by 48 x 35 and 40 x 96 by 96 x 130, packed for 16 x 20.
CASES = [(16, 7, 35, 48), (40, 5, 130, 96), (16, 7, 35, 20)]
OUT = 3


def product(a, b):
    columns = list(zip(*b))
    return [[sum(x * y for x, y in zip(row, column)) for column in columns] for row in a]


def turned(a):
    return [list(column) for column in zip(*a)]


def matrix(rows, columns, scale=1.0):
    return [[round(rng.gauss(0, scale), 4) for _ in range(columns)] for _ in range(rows)]


def gradients(x, y, a, b, c):
    """Of the mean of (z - y)^2 by a, b, c, with z = relu(relu(x a) b) c."""
    first = product(x, a)
    h = [[max(v, 0) for v in row] for row in first]
    second = product(h, b)
    g = [[max(v, 0) for v in row] for row in second]
    dz = [[2 * (u - v) / (len(y) * OUT) for u, v in zip(*rows)] for rows in zip(product(g, c), y)]
    masked = lambda d, of: [[u if v > 0 else 0 for u, v in zip(*rows)] for rows in zip(d, of)]
    dg = masked(product(dz, turned(c)), second)
    dh = masked(product(dg, turned(b)), first)
    return product(turned(x), dh), product(turned(h), dg), product(turned(g), dz)


flat = lambda m: [v for row in m for v in row]
for batch, inputs, hidden, wide in CASES:
    x, y = matrix(batch, inputs), matrix(batch, OUT)
    sizes = {'a': (inputs, hidden), 'b': (hidden, wide), 'c': (wide, OUT)}
    params = {name: matrix(*size, scale=0.4) for name, size in sizes.items()}
    wanted = {name: [v - 0.5 * d for v, d in zip(flat(params[name]), flat(gradient))]
              for name, gradient in zip(params, gradients(x, y, **params))}
    for report in ([], ['grad_norm']):
        graph = {'graphc': 1, 'name': 'gp', 'functions': {
            'net': {'inputs': {'x': f'f32[{batch}, {inputs}]'},
                    'params': {name: {'type': 'f32[%d, %d]' % size, 'init': {'value': nested(flat(params[name]), list(size))}} for name, size in sizes.items()},
                    'outputs': {'z': 'matmul(relu(matmul(relu(matmul(x, a)), b)), c)'}},
            'loss': {'inputs': {'x': f'f32[{batch}, {inputs}]', 'y': f'f32[{batch}, {OUT}]'}, 'outputs': {'loss': 'mean_squared_error(net(x), y)'}},
            'step': {'derive': 'train_step', 'of': 'loss', 'optimizer': {'op': 'sgd', 'lr': 0.5}, 'report': report}}, 'entries': ['step']}
        with tempfile.TemporaryDirectory() as folder:
            build(graphc, graph, folder)
            model = Model(folder, 'gp')
            results = [ctypes.c_float() for _ in range(1 + len(report))]
            model.call('step', floats(flat(x)), floats(flat(y)), *map(ctypes.byref, results))
            for name, values in wanted.items():
                near(f'batch {batch}, width {wide}, report {report}: {name}', floats_of(model.saved()['net.' + name]), values, 1e-5)
            model.close()
finish()
