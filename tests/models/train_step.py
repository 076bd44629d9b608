# Training steps, from C, against PyTorch's (train_step_fixture.py): 20 losses, gradient norms and the params at the end. The same bits at
# -O0, and after saving and loading in the middle.
#   train_step.py GRAPHC
import ctypes, json, os, sys, tempfile
from checks import check, finish, near
from compiled_model import Model, build, floats, ints
from tensor_files import floats_of, nested, parse_safetensors

graphc = sys.argv[1]
fixture = json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'fixtures', 'train_step.json')))
initial, steps, batch = fixture['initial'], len(fixture['x']), len(fixture['label'][0])


def graph(case):
    params = {name: {'type': 'f32%s' % p['shape'], 'init': {'value': nested(p['data'], p['shape'])}} for name, p in initial.items()}
    return {'graphc': 1, 'name': 'tr', 'dims': {'B': {'min': 4, 'max': 64, 'multiple_of': 4}}, 'functions': {
        'net': {'inputs': {'x': 'f32[B, %d]' % initial['a']['shape'][0]}, 'params': params,
                'nodes': [{'formula': 'matmul(tanh(matmul(x, a) + b), c) + d', 'out': 'z'}], 'outputs': ['z']},
        'loss': {'inputs': {'x': 'f32[B, %d]' % initial['a']['shape'][0], 'label': 'i32[B]'},
                 'nodes': [{'op': 'net', 'in': 'x', 'out': 'z'}], 'outputs': {'loss': 'cross_entropy(z, label)'}},
        'warm': {'inputs': {'t': 'f32[]'}, 'outputs': {'factor': 'min(1, (t + 1) / 5)'}},
        'train_step': {'derive': 'train_step', 'of': 'loss', 'report': ['grad_norm', 'step'], **case['graph']}},
        'entries': ['net', 'train_step']}


class Run(Model):
    def __init__(self, folder, every):
        super().__init__(folder, 'tr')
        self.every = every

    def step(self, n, own, wanted=0, label=None):
        x, label = floats(fixture['x'][n]), ints(label or fixture['label'][n])
        loss, norm, count = ctypes.c_float(), ctypes.c_float(), ctypes.c_int64()
        self.call('train_step', ctypes.c_int64(batch), x, label, *own, *map(ctypes.byref, (loss, norm, count)), wanted=wanted)
        assert wanted or count.value == n // self.every, (count.value, n)
        return loss.value, norm.value


INDEX = -14  # GRAPHC_ERR_INDEX
for number, case in enumerate(fixture['cases']):
    own = [ctypes.c_float(0.02)] if 'inputs' in case['graph'] else []
    every = case['graph'].get('accumulate', 1)
    with tempfile.TemporaryDirectory() as folder:
        path = lambda name: os.path.join(folder, name)
        build(graphc, graph(case), folder)
        run = Run(folder, every)
        got = [run.step(n, own) for n in range(steps)]
        end = run.save(path('end'))
        near(f'case {number}, losses', [loss for loss, _ in got], case['losses'], 1e-5)
        near(f'case {number}, norms', [norm for _, norm in got], case['norms'], 1e-5)
        for name, values in case['params'].items():
            near(f'case {number}, {name}', floats_of(parse_safetensors(end)[f'net.{name}']), values, 1e-5)
        # A label outside changes nothing (status INDEX).
        run.step(steps - 1, own, wanted=INDEX, label=[99] * batch)
        check(f'case {number}: a failing step changed the model', run.save(path('failed')) == end)
        # Stopped in the middle, and gone on with another model.
        first, second = Run(folder, every), Run(folder, every)
        for n in range(steps // 2):
            first.step(n, own)
        first.save(path('middle'))
        second.load(path('middle'))
        for n in range(steps // 2, steps):
            second.step(n, own)
        check(f'case {number}: other bits after saving and loading', second.save(path('resumed')) == end)
        os.makedirs(path('O0'))
        build(graphc, graph(case), path('O0'), '-O0')
        plain = Run(path('O0'), every)
        for n in range(steps):
            plain.step(n, own)
        check(f'case {number}: other bits at -O0', plain.save(path('plain')) == end)
finish()
