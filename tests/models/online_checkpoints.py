# Loops without a bound go back by checkpoints: their gradients have the bits of the tape's for every number of turns around what rows,
# slots and the tape hold; a million turns, against the closed form, in the memory that three turns take; Newton's method, against the
# derivative of what it solves.
#   online_checkpoints.py GRAPHC
import ctypes, os, sys, tempfile
from checks import check, finish
from compiled_model import Model, build, doubles

graphc, LIMIT = sys.argv[1], 300
SIZES = [(4, 1), (4, 3), (9, 2), (16, 5), (64, 64)]


def loop(name, grad, **more):
    return {'inputs': {'x': 'f64[3]', 'a': 'f64[3]', 'n': 'i64[]'},
            'nodes': [{'op': 'while', 'carry': {'h': 'x', 'i': {'type': 'i64[]', 'value': 0}}, 'cond': 'i < n', 'grad': grad, **more,
                       'body': {'nodes': [{'out': 't', 'formula': 'tanh(h * a)'}],
                                'outputs': {'h': 't + 0.3 * h * sum(t * t)', 'i': 'i + 1'}}, 'out': {'h': 'y'}}],
            'outputs': {'y': 'y'}}


functions = {'taped': loop('taped', {'mode': 'tape'}, max_iterations=LIMIT)}
for states, tape in SIZES:
    functions[f'online_{states}_{tape}'] = loop('online', {'mode': 'online', 'checkpoints': states, 'replay': tape})
functions['power'] = {'inputs': {'x': 'f64[]', 'a': 'f64[]', 'n': 'i64[]'},
                      'nodes': [{'op': 'while', 'carry': {'p': 'x', 'i': {'type': 'i64[]', 'value': 0}}, 'cond': 'i < n',
                                 'body': {'outputs': {'p': 'p * a', 'i': 'i + 1'}}, 'out': {'p': 'y'}}], 'outputs': {'y': 'y'}}
functions['solve'] = {'inputs': {'a': 'f64[]', 'b': 'f64[]'},
                      'nodes': [{'op': 'while', 'carry': {'x': {'type': 'f64[]', 'value': 1}, 'step': {'type': 'f64[]', 'value': 1}},
                                 'cond': 'abs(step) > 1e-12',
                                 'body': {'nodes': [{'op': 'slope', 'in': ['x', 'a', 'b'], 'out': ['y', 'dy']}, {'out': 's', 'formula': 'y / dy'}],
                                          'outputs': {'x': 'x - s', 'step': 's'}}, 'out': {'x': 'root'}}], 'outputs': {'x': 'root'}}
of = list(functions)
derived = {f'd_{name}': {'derive': 'vjp', 'of': name, 'wrt': ['a', 'b'] if name == 'solve' else ['x', 'a']} for name in of}
functions['f'] = {'inputs': {'x': 'f64[]', 'a': 'f64[]', 'b': 'f64[]'}, 'outputs': {'y': 'pow(x, 5) + a * x - b'}}
functions['slope'] = {'derive': 'grad', 'of': 'f', 'wrt': ['x']}
graph = {'graphc': 1, 'name': 'oc', 'functions': {**functions, **derived}, 'entries': list(derived)}


def gradients(model, name, inputs, cotangent, size, turns=None):
    """The bytes and the numbers of y and of what it is derived by."""
    given = [ctypes.c_double(one) if isinstance(one, float) else ctypes.c_int64(one) if isinstance(one, int) else doubles(one)
             for one in inputs + ([turns] if turns is not None else []) + [cotangent]]
    outputs = [doubles(size) for _ in range(3)]
    model.call('d_' + name, *given, *(one if size > 1 else ctypes.byref(one) for one in outputs))
    return [bytes(one) for one in outputs], [list(one) for one in outputs]


with tempfile.TemporaryDirectory() as folder:
    # 64 states and 64 turns on the tape, which keeps the carry alone, beside a few carries that the two ways hold: for any number of turns.
    vector = {'graphc': 1, 'name': 'ocm', 'functions': {'f': {
        'inputs': {'x': 'f64[1000]', 'n': 'i64[]'},
        'nodes': [{'op': 'while', 'carry': {'p': 'x', 'i': {'type': 'i64[]', 'value': 0}}, 'cond': 'i < n',
                   'body': {'outputs': {'p': 'sin(p) * 0.999 + p * 0.0005', 'i': 'i + 1'}}, 'out': {'p': 'y'}}],
        'outputs': {'y': 'y'}}, 'd': {'derive': 'vjp', 'of': 'f', 'wrt': ['x']}}, 'entries': ['d']}
    build(graphc, vector, folder)
    size = ctypes.CDLL(os.path.join(folder, 'libocm.so')).ocm_context_bytes
    size.restype = ctypes.c_size_t
    check(f'{size()} bytes of a context', 128 * 8000 < size() < 136 * 8000)
    for options in (['-O2'], ['-O0']):
        build(graphc, graph, folder, *options)
        model = Model(folder, 'oc', pure=True)
        x, a, ct = [0.5, -1.2, 0.8], [0.9, 1.1, -0.7], [1.0, -2.0, 0.5]
        for states, tape in SIZES:
            slots = max(states // 4, min(states // 2, 12))
            slots += (states - slots) % 2
            rows = states - slots
            near = {0, 1, 2, states - 1, states, states + 1, rows, rows + 1}
            near |= {k * tape * rows + d for k in (1, 2, 4) for d in (-1, 0, 1)} | {2 * rows, 2 * rows + 1, 97, LIMIT}
            for turns in sorted(n for n in near if 0 <= n <= LIMIT):
                want, _ = gradients(model, 'taped', [x, a], ct, 3, turns)
                got, _ = gradients(model, f'online_{states}_{tape}', [x, a], ct, 3, turns)
                check(f'{options} {states} states, {tape} turns at once, {turns} turns: the bits of the tape', got == want)
        for turns, base in ((0, 0.9), (3, 0.9), (3072, 0.9999), (3073, 0.9999), (1000000, 0.9999995)):
            _, (y, dx, da) = gradients(model, 'power', [1.5, base], 2.0, 1, turns)
            closed = (1.5 * base ** turns, 2.0 * base ** turns, 2.0 * 1.5 * turns * base ** (turns - 1))
            for got, want in zip((y[0], dx[0], da[0]), closed):
                check(f'{options} a power of {turns}: {got}, not {want}', abs(got - want) <= 1e-9 * max(abs(want), 1e-300))
        for b in (2.0, 7.0):
            _, (root, da, db) = gradients(model, 'solve', [3.0, b], 1.0, 1)
            r = root[0]
            check(f'{options} root', abs(r ** 5 + 3 * r - b) < 1e-12)
            check(f'{options} d root / d a', abs(da[0] + r / (5 * r ** 4 + 3)) < 1e-12)
            check(f'{options} d root / d b', abs(db[0] - 1 / (5 * r ** 4 + 3)) < 1e-12)
        model.close()
finish()
