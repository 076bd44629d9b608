# Initial values by name: mean, deviation and bounds against those of their definitions (fans as graph-format.md R20 has them), matrices that are
# orthogonal, the same bytes for the same seed and path, whatever else the model owns, others for another seed or path.
#   initializers.py GRAPHC
import math, os, sys, tempfile
from checks import check, finish
from compiled_model import Model, build
from tensor_files import floats_of

graphc = sys.argv[1]
ROWS, COLUMNS, KERNEL = 120, 80, [3, 3, 24, 40]
FANS = {'matrix': (ROWS, COLUMNS), 'kernel': (9 * 24, 9 * 40)}
TRUNCATED = 0.87962566103423978  # deviation of a standard normal cut at 2
SCHEMES = {  # init: deviation, bound; of the fans
    'normal(0.5)': lambda i, o: (0.5, None),
    'truncated_normal(0.5)': lambda i, o: (0.5 * TRUNCATED, 1.0),
    'uniform(-0.25, 0.75)': lambda i, o: (1 / math.sqrt(12), None),
    'glorot_uniform': lambda i, o: (math.sqrt(2 / (i + o)), math.sqrt(6 / (i + o))),
    'glorot_normal': lambda i, o: (math.sqrt(2 / (i + o)), None),
    'he_uniform': lambda i, o: (math.sqrt(2 / i), math.sqrt(6 / i)),
    'he_normal': lambda i, o: (math.sqrt(2 / i), None),
    'lecun_normal': lambda i, o: (math.sqrt(1 / i), None),
}
params, expected = {}, {}
for number, (init, law) in enumerate(SCHEMES.items()):
    for kind, shape in (('matrix', [ROWS, COLUMNS]), ('kernel', KERNEL)):
        params[f'{kind}{number}'] = {'type': 'f32%s' % shape, 'init': init}
        expected[f'{kind}{number}'] = (init, *law(*FANS[kind]))
params.update({'tall': {'type': 'f32[%d, %d]' % (ROWS, COLUMNS), 'init': 'orthogonal'}, 'wide': {'type': 'f32[%d, %d]' % (COLUMNS, ROWS), 'init': 'orthogonal'},
               'unit': {'type': 'f32[5, 5]', 'init': 'identity'}, 'zeros': {'type': 'f32[7]', 'init': 0}, 'ones': {'type': 'f32[7]', 'init': 1},
               'constant': {'type': 'f32[7]', 'init': -2.5}})


def library_of(folder, params):
    os.makedirs(folder)
    graph = {'graphc': 1, 'name': 'ini', 'functions': {'f': {'inputs': {'x': 'f32[]'}, 'params': params, 'outputs': {
        'y': ' + '.join(['x'] + [f'sum({name})' for name in params])}}}, 'entries': ['f']}
    build(graphc, graph, folder)
    return folder


def values(folder, seed):
    model = Model(folder, 'ini', seed=seed)
    saved = model.saved()
    model.close()
    return {name.removeprefix('f.'): raw for name, raw in saved.items()}


with tempfile.TemporaryDirectory() as folder:
    library = library_of(os.path.join(folder, 'all'), params)
    first, again, other = (values(library, seed) for seed in (5, 5, 6))
    apart = values(library_of(os.path.join(folder, 'few'), {name: params[name] for name in ('kernel3', 'tall')}), 5)
    numbers = {name: floats_of(raw) for name, raw in first.items()}
    check('the same seed gives other values', first == again)
    check('what else the model owns changes the values', all(first[name] == raw for name, raw in apart.items()))
    for name, (init, deviation, bound) in expected.items():
        x = numbers[name]
        center = 0.25 if init.startswith('uniform') else 0
        mean = sum(x) / len(x)
        got = math.sqrt(sum((v - mean)**2 for v in x) / len(x))
        # of n draws the mean is off by deviation / sqrt(n), the deviation by about deviation / sqrt(2 n): 5 of each
        check(f'{init}, {name}: mean {mean}, not {center}', abs(mean - center) < 5 * deviation / math.sqrt(len(x)))
        check(f'{init}, {name}: deviation {got}, not {deviation}', abs(got - deviation) < 5 * deviation / math.sqrt(2 * len(x)))
        if bound:
            check(f'{init}, {name}: {max(map(abs, x))} is outside of {bound}', 0.97 * bound < max(map(abs, x)) <= bound)
        check(f'{init}, {name}: another seed gives the same', first[name] != other[name])
    check('two params of one init have the same values', first['matrix4'] != first['matrix6'])
    for name, across in (('tall', True), ('wide', False)):  # columns of a tall matrix, rows of a wide one
        x, worst = numbers[name], 0
        vectors = [x[c::COLUMNS] for c in range(COLUMNS)] if across else [x[r * ROWS:(r + 1) * ROWS] for r in range(COLUMNS)]
        for i in range(COLUMNS):
            for j in range(i + 1):
                worst = max(worst, abs(sum(a * b for a, b in zip(vectors[i], vectors[j])) - (i == j)))
        check(f'{name} orthogonal matrix: off by {worst}', worst < 1e-5)
    check('identity', numbers['unit'] == tuple(float(i == j) for i in range(5) for j in range(5)))
    for name, value in (('zeros', 0), ('ones', 1), ('constant', -2.5)):
        check(name, numbers[name] == (value,) * 7)
finish()
