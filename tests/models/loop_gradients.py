# Reverse derivatives through control flow, compiled and called from C: params in regions (to the turns written out), Newton's method (to the
# closed form), states and random numbers in turns (written once, drawn once, however the way back finds the turns), limits that were
# passed. All at -O2 and -O0.
#   loop_gradients.py GRAPHC
import ctypes, math, sys, tempfile
from checks import finish, near
from compiled_model import Model, build, doubles

graphc = sys.argv[1]
T, N = 5, 3
MODES = ('auto', 'tape', 'carries', 'segments')
XS, H = 'f64[%d, %d]' % (T, N), 'f64[%d]' % N
CELL = {'inputs': {'h': H, 'x': H}, 'params': {'w': {'type': 'f64[%d, %d]' % (N, N), 'init': 'normal(0.6)'}, 'b': {'type': H, 'init': 'normal(0.3)'}},
        'outputs': {'y': 'tanh(matmul(h, w) + x + b)'}}


def scan(mode):
    return {'inputs': {'xs': XS, 'h': H}, 'nodes': [
        {'op': 'scan', 'name': 'turns', 'over': {'x': 'xs'}, 'carry': {'s': 'h'}, 'grad': {'mode': mode},
         'body': {'nodes': [{'op': 'cell', 'in': ['s', 'x'], 'out': 'n'}], 'outputs': {'s': 'n'}, 'collect': {'all': 'n * x'}}, 'out': ['last', 'all']}],
        'outputs': {'l': 'sum(last * last) + sum(all)'}}


def loop(mode):  # as many turns of at most T + 2
    return {'inputs': {'xs': XS, 'h': H}, 'nodes': [
        {'op': 'while', 'name': 'turns', 'max_iterations': T + 2, 'carry': {'s': 'h', 'all': {'type': 'f64[]', 'value': 0}, 'i': {'type': 'i64[]', 'value': 0}}, 'grad': {'mode': mode},
         'cond': 'i < %d' % T,
         'body': {'nodes': [{'op': 'gather', 'in': ['xs', 'i'], 'axis': 0, 'out': 'x'}, {'op': 'cell', 'in': ['s', 'x'], 'out': 'n'}],
                  'outputs': {'s': 'n', 'all': 'all + sum(n * x)', 'i': 'i + 1'}}, 'out': ['last', 'total', '_']}],
        'outputs': {'l': 'sum(last * last) + total'}}


written = {'inputs': {'xs': XS, 'h': H},
           'nodes': [{'op': 'unstack', 'in': 'xs', 'axis': 0, 'out': ['x%d' % t for t in range(T)]}] +
                    [{'op': 'cell', 'in': ['h' if t == 0 else 'h%d' % t, 'x%d' % t], 'out': 'h%d' % (t + 1)} for t in range(T)],
           'outputs': {'l': ' + '.join(['sum(h%d * h%d)' % (T, T)] + ['sum(h%d * x%d)' % (t + 1, t) for t in range(T)])}}
NEWTON = {'f': {'inputs': {'x': 'f64[]', 'a': 'f64[]', 'b': 'f64[]'}, 'outputs': {'y': 'pow(x, 5) + a*x - b'}},
          'slope': {'derive': 'grad', 'of': 'f', 'wrt': ['x']}}


def solve(mode):
    return {'inputs': {'a': 'f64[]', 'b': 'f64[]'}, 'nodes': [
        {'op': 'while', 'max_iterations': 20, 'grad': {'mode': mode}, 'carry': {'x': {'type': 'f64[]', 'value': 1}, 'step': {'type': 'f64[]', 'value': 1}},
         'cond': 'abs(step) > 1e-12',
         'body': {'nodes': [{'op': 'slope', 'in': ['x', 'a', 'b'], 'out': ['y', 'dy']}, {'out': 's', 'formula': 'y / dy'}], 'outputs': {'x': 'x - s', 'step': 's'}},
         'out': {'x': 'root'}}], 'outputs': {'x': 'root'}}


# Turn t multiplies by t + 1, a state that it raises, and by a number of its own.
TICK = {'inputs': {'x': 'f64[]'}, 'state': {'n': {'type': 'f64[]', 'init': 0}}, 'updates': {'n': 'n + 1'}, 'outputs': {'y': 'x * (n + 1)'}}
counted = {'inputs': {'x': 'f64[]'}, 'nodes': [
    {'op': 'scan', 'length': T, 'carry': {'a': 'x'}, 'body': {'nodes': [{'op': 'tick', 'in': 'a', 'out': 'b'}], 'outputs': {'a': 'b'}}, 'out': 'z'}], 'outputs': {'z': 'z'}}


def drawn(mode):
    return {'inputs': {'x': 'f64[]'}, 'nodes': [
        {'op': 'scan', 'length': T, 'grad': {'mode': mode}, 'carry': {'a': {'type': 'f64[]', 'value': 0}},
         'body': {'nodes': [{'op': 'random_uniform', 'type': 'f64[]', 'out': 'r'}], 'outputs': {'a': 'a + r * x * x'}}, 'out': 'z'}], 'outputs': {'z': 'z'}}


limited = {'inputs': {'x': 'f64[]'}, 'nodes': [
    {'op': 'while', 'max_iterations': 3, 'carry': {'a': 'x'}, 'cond': 'a < 100', 'body': {'outputs': {'a': 'a * a'}}, 'out': ['z', '_']}], 'outputs': {'z': 'z'}}
functions = {'cell': CELL, 'written': written, 'counted': counted, 'limited': limited, **NEWTON}
for mode in MODES:
    functions.update({'scan_' + mode: scan(mode), 'while_' + mode: loop(mode), 'solve_' + mode: solve(mode), 'drawn_' + mode: drawn(mode)})
entries = []
for name in list(functions):
    if name.split('_')[0] in ('written', 'scan', 'while', 'counted', 'limited', 'solve', 'drawn'):
        functions['d_' + name] = {'derive': 'grad', 'of': name, **({'wrt': ['**', 'xs', 'h']} if name.split('_')[0] in ('written', 'scan', 'while') else {})}
        entries.append('d_' + name)
graph = {'graphc': 1, 'name': 'lg', 'layers': {'tick': TICK}, 'functions': functions, 'entries': entries}

for level in ('-O2', '-O0'):
    with tempfile.TemporaryDirectory() as folder:
        build(graphc, graph, folder, level)
        model = Model(folder, 'lg')

        def call(entry, inputs, sizes, **how):
            """All results as one list, of these sizes; 1: a scalar."""
            outputs = [doubles(size) for size in sizes]
            given = [ctypes.c_double(one) if isinstance(one, float) else doubles(one) for one in inputs]
            model.call(entry, *given, *(one if len(one) > 1 else ctypes.byref(one) for one in outputs), **how)
            return [x for array in outputs for x in array]

        at, sizes = [[math.sin(3 * i + 1) for i in range(T * N)], [0.4, -0.2, 0.9]], [1, T * N, N, N * N + N]
        wanted = call('d_written', at, sizes)
        for kind in ('scan', 'while'):
            for mode in MODES: near(f'{level}: {kind}, {mode}', call(f'd_{kind}_{mode}', at, sizes), wanted, 1e-12)
        for mode in MODES:
            a, b = 2.0, 5.0
            x, by_a, by_b = call('d_solve_' + mode, [a, b], [1, 1, 1])
            slope = 5 * x**4 + a
            near(f'{level}: Newton, {mode}', [x**5 + a * x, by_a, by_b], [b, -x / slope, 1 / slope], 1e-12)
            z, slope = call('d_drawn_' + mode, [3.0], [1, 1])
            near(f'{level}: random numbers, {mode}', [slope], [2 * z / 3], 1e-12)
        for x, turns in ((200.0, 0), (11.0, 1), (4.0, 2), (2.0, 3)):
            near(f'{level}: {turns} turns', call('d_limited', [x], [1, 1]), [x**2**turns, 2**turns * x**(2**turns - 1)], 1e-12)
        call('d_limited', [1.5], [1, 1], wanted=-7)
        for turn in range(2):
            first = turn * T
            factor = math.prod(first + t + 1 for t in range(T))
            near(f'{level}: state', call('d_counted', [2.0], [1, 1]), [2 * factor, factor], 1e-12)
        model.close()
finish()
