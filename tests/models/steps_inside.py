# Steps and copies among the nodes of a function, from C: the bits of the same calls one after the other. What a function reads before a step
# inside it is from before, what it reads after it from after, whether those who read are inlined or called; also where a value that was read is
# itself a result. (A loss may be an ulp apart: what else the call gives decides which kernel sums it.) An apply with the gradients of a grad makes the bits of the step. All at -O2 and -O0.
#   steps_inside.py GRAPHC
import ctypes, sys, tempfile
from math import isclose
from checks import check, finish
from compiled_model import Model, build, floats
from tensor_files import floats_of

graphc = sys.argv[1]
B, IN, OUT = 5, 6, 3
x_type, y_type = 'f32[B, %d]' % IN, 'f32[B, %d]' % OUT
PAIR = {'x': x_type, 'y': y_type}


def net(w_init):
    return {'inputs': {'x': x_type}, 'params': {'w': {'type': 'f32[%d, %d]' % (IN, OUT), 'init': w_init}, 'b': {'type': 'f32[%d]' % OUT, 'init': 0.1}},
            'state': {'seen': {'type': 'i64[]', 'init': 0}}, 'updates': {'seen': 'seen + 1'},
            'outputs': {'z': 'tanh(matmul(x, w) + b)'}}


def loss(of):
    return {'inputs': PAIR, 'nodes': [{'op': of, 'in': 'x', 'out': 'z'}], 'outputs': {'loss': 'mean_squared_error(z, y)'}}


def node(op, inputs, out, after=None):
    return {'op': op, **({'in': inputs} if inputs else {}), **({'out': out} if out else {}), **({'after': after} if after else {})}


ADAM, SGD = {'op': 'adam', 'lr': 0.05}, {'op': 'sgd', 'lr': 0.1, 'momentum': 0.9}
# An optimizer of one's own that draws: without gradient it walks at random (Langevin dynamics).
WANDER = {'inputs': {'param': '?t[...]', 'grad': 't[...]', 'lr': 'f32[]', 'step': 'i64[]'},
          'nodes': [{'op': 'random_normal', 'type': 'f32[%d]' % OUT, 'out': 'way'}],
          'outputs': {'param': 'param - lr * (0 * grad + way)'}}
graph = {'graphc': 1, 'name': 'si', 'dims': {'B': {'min': 1, 'max': 8}}, 'layers': {'wander': WANDER}, 'functions': {
    'p': net('normal(0.5)'), 'q': net('normal(0.4)'), 'p_loss': loss('p'), 'q_loss': loss('q'),
    # One that reads both.
    'both_loss': {'inputs': PAIR, 'nodes': [node('p', 'x', 'zp'), node('q', 'x', 'zq')],
                  'outputs': {'loss': 'mean_squared_error(zp, stop_gradient(zq)) + mean_squared_error(zq, y)'}},
    'train_p': {'derive': 'train_step', 'of': 'p_loss', 'optimizer': ADAM, 'clip_norm': 0.5, 'report': ['grad_norm']},
    'train_q': {'derive': 'train_step', 'of': 'both_loss', 'wrt': ['q.**'], 'optimizer': SGD},
    'follow': {'derive': 'copy', 'from': 'p', 'to': 'q', 'rate': 0.25},
    'become': {'derive': 'copy', 'from': 'p', 'to': 'q'},
    'slopes': {'derive': 'grad', 'of': 'p_loss', 'wrt': ['p.**'], 'mode': 'train'},
    'apply_p': {'derive': 'apply', 'of': 'train_p'},
    'walk': {'derive': 'train_step', 'of': 'p_loss', 'wrt': ['p.b'], 'optimizer': {'op': 'wander', 'lr': 1}},
    'walk_twice': {'inputs': PAIR, 'nodes': [node('walk', ['x', 'y'], 'l'), {'formula': 'p.b + 0', 'out': 'b', 'name': 'between', 'after': 'l'},
                                             {**node('walk', ['x', 'y'], 'l2', 'between'), 'name': 'again'}], 'outputs': {'b': 'b'}},
    'called': {'inputs': PAIR, 'nodes': [
        node('p', 'x', 'before'), {'formula': 'p.w', 'out': 'w', 'name': 'read'},
        node('train_p', ['x', 'y'], ['lp', '_'], ['before', 'read']), node('train_q', ['x', 'y'], 'lq', 'lp'), node('p', 'x', 'after', 'lq')],
        'outputs': {'lp': 'lp', 'lq': 'lq', 'before': 'before', 'after': 'after', 'w': 'w'}},
    'average': {'inputs': PAIR, 'nodes': [node('train_p', ['x', 'y'], ['lp', '_']), {**node('follow', None, None, 'lp'), 'name': 'moved'},
                                          node('q', 'x', 'z', 'moved')], 'outputs': {'lp': 'lp', 'z': 'z'}}},
    'entries': ['p', 'q', 'train_p', 'train_q', 'follow', 'become', 'slopes', 'apply_p', 'walk_twice', 'called', 'average']}
inlined = {**graph, 'entries': ['called']}  # nobody else calls the steps


class Run(Model):
    def __init__(self, folder):
        super().__init__(folder, 'si')

    def call(self, entry, *arguments):
        dims = [] if entry in ('follow', 'become', 'apply_p') else [ctypes.c_int64(B)]
        super().call(entry, *dims, *(argument if isinstance(argument, ctypes.Array) else ctypes.byref(argument) for argument in arguments))

    def net(self, entry, x):
        z = floats(B * OUT)
        self.call(entry, x, z)
        return bytes(z)

    def step(self, entry, x, y):
        results = [ctypes.c_float() for _ in range(2 if entry == 'train_p' else 1)]
        self.call(entry, x, y, *results)
        return bytes(results[0])

    def called(self, x, y):
        lp, lq, before, after, w = ctypes.c_float(), ctypes.c_float(), floats(B * OUT), floats(B * OUT), floats(IN * OUT)
        self.call('called', x, y, lp, lq, before, after, w)
        return [bytes(r) for r in (lp, lq, before, after, w)]


def data(turn):
    return (floats([((i * 7 + turn * 5) % 13 - 6) / 5 for i in range(B * IN)]),
            floats([((i * 5 + turn) % 7 - 3) / 4 for i in range(B * OUT)]))


def inside(one, other, level, what):
    """`one` has all in one call, `other` makes the calls."""
    for turn in range(6):
        x, y = data(turn)
        w = other.saved()['p.w']
        wanted = [None, None, other.net('p', x), None, w]
        wanted[0], wanted[1], wanted[3] = other.step('train_p', x, y), other.step('train_q', x, y), other.net('p', x)
        for name, got, want in zip(('loss of p', 'loss of q', 'before', 'after', 'w'), one.called(x, y), wanted):
            same = isclose(*floats_of(got), *floats_of(want), rel_tol=5e-7) if name.startswith('loss') else got == want
            check(f'{level}, {what}, turn {turn}: {name} differs', same)
        check(f'{level}, {what}, turn {turn}: the models differ', one.saved() == {k: v for k, v in other.saved().items() if k in one.saved()})


for level in ('-O2', '-O0'):
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as second:
        for where, text in ((folder, graph), (second, inlined)):
            build(graphc, text, where, level)
        inside(Run(folder), Run(folder), level, 'called')
        inside(Run(second), Run(folder), level, 'inlined')
        one, other, apart = Run(folder), Run(folder), Run(folder)
        for turn in range(6):
            x, y = data(turn)
            lp, z = ctypes.c_float(), floats(B * OUT)
            one.call('average', x, y, lp, z)
            check(f'{level}, average, turn {turn}: the loss differs', other.step('train_p', x, y) == bytes(lp))
            old = other.saved()
            other.call('follow')
            new = other.saved()
            check(f'{level}, average, turn {turn}: what follows differs', other.net('q', x) == bytes(z))
            for path in ('q.w', 'q.b'):
                for p, q, moved in zip(*map(floats_of, (old[path.replace('q', 'p')], old[path], new[path]))):
                    check(f'{level}, {path} moves to {moved} from {q} towards {p}', abs(moved - (q + 0.25 * (p - q))) <= 1e-6)
            check(f'{level}: integers are copied', new['q.seen'] == old['p.seen'])
            check(f'{level}, average, turn {turn}: the models differ', one.saved() == other.saved())
            # Gradients apart from their use; the grad entry counts what p has seen, as the step does.
            gradients, loss_value, norm = floats(IN * OUT + OUT), ctypes.c_float(), ctypes.c_float()
            apart.call('slopes', x, y, loss_value, gradients)
            apart.call('apply_p', gradients, norm)
            check(f'{level}, turn {turn}: grad and apply differ from the step',
                  all(apart.saved()[k] == v for k, v in other.saved().items() if k.startswith(('p.', 'train_p.'))))
        x, y = data(0)
        between, before = floats(OUT), floats_of(other.saved()['p.b'])
        other.call('walk_twice', x, y, between)
        after = floats_of(other.saved()['p.b'])
        first, second = ([b - a for a, b in zip(*pair)] for pair in ((before, between), (between, after)))
        check(f'{level}: two walks go {first} and {second}', all(0 < abs(v) < 6 for v in first + second) and first != second)
        other.call('become')
        saved = other.saved()
        check(f'{level}: a copy is exact', all(saved['q.' + k] == saved['p.' + k] for k in ('w', 'b', 'seen')))
finish()
