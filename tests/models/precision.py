# precision and loss_scale, from C. 20 losses in bf16 within 2%, in f16 within 0.5% of PyTorch's under autocast (precision_fixture.py), and as
# near to those of f32. Where the scale makes gradients overflow, updates are skipped, change nothing but the scale, and the scale follows its
# rule to the bit; a row of accumulated calls is skipped as a whole. A grad by that scale and an apply make the bits of the step, skipped ones
# included, at -O2 and -O0.
#   precision.py GRAPHC
import ctypes, json, os, sys, tempfile
from checks import check, finish
from compiled_model import Model, build, floats, ints
from tensor_files import nested

graphc = sys.argv[1]
fixture = json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'fixtures', 'precision.json')))
initial, steps, batch = fixture['initial'], len(fixture['x']), len(fixture['label'][0])
inputs = initial['a']['shape'][0]


def step(precision, **more):
    return {'derive': 'train_step', 'of': 'loss', 'optimizer': {'op': 'adamw', 'lr': 0.01, 'weight_decay': 0.01}, 'report': ['step'],
            **({'precision': precision} if precision else {}), **more}


SCALE = {'initial': 2.0**40, 'growth': 4, 'backoff': 0.25, 'interval': 3}
reports = {'report': ['step', 'skipped', 'loss_scale', 'updated']}
graph = {'graphc': 1, 'name': 'pr', 'dims': {'B': {'min': 1, 'max': 64}}, 'functions': {
    'net': {'inputs': {'x': 'f32[B, %d]' % inputs},
            'params': {name: {'type': 'f32%s' % p['shape'], 'init': {'value': nested(p['data'], p['shape'])}} for name, p in initial.items()},
            'nodes': [{'formula': 'gelu(matmul(x, a) + b)', 'out': 'h'},
                      {'formula': '(h - mean(h, axis=-1, keep_dims=true)) * rsqrt(variance(h, axis=-1, keep_dims=true) + 1e-5) * scale', 'out': 'n'},
                      {'formula': 'matmul(relu(matmul(n, c)), d) + e', 'out': 'z'}], 'outputs': ['z']},
    'loss': {'inputs': {'x': 'f32[B, %d]' % inputs, 'label': 'i32[B]'}, 'nodes': [{'op': 'net', 'in': 'x', 'out': 'z'}],
             'outputs': {'loss': 'cross_entropy(z, label)'}},
    'f32': step(None), 'bf16': step('bf16'), 'f16': step('f16', loss_scale={}),
    'falling': step('f16', loss_scale=SCALE, **reports), 'row': step('f16', loss_scale=SCALE, accumulate=2, **reports),
    **{of + '_slopes': {'derive': 'grad', 'of': 'loss', 'wrt': ['net.**'], 'mode': 'train', 'precision': 'f16', 'loss_scale': of} for of in ('falling', 'row')},
    **{of + '_apply': {'derive': 'apply', 'of': of} for of in ('falling', 'row')}},
    'entries': ['f32', 'bf16', 'f16'] + [of + part for of in ('falling', 'row') for part in ('', '_slopes', '_apply')]}


class Run(Model):
    def __init__(self, folder):
        super().__init__(folder, 'pr')

    def step(self, entry, n):
        results = [ctypes.c_float(), ctypes.c_int64()]
        if entry in ('falling', 'row'):
            results += [ctypes.c_uint8(), ctypes.c_float(), ctypes.c_uint8()]
        self.call(entry, ctypes.c_int64(batch), floats(fixture['x'][n]), ints(fixture['label'][n]), *map(ctypes.byref, results))
        return [result.value for result in results]


def compare(run, entry, bound):
    for n in range(steps):
        loss = run.step(entry, n)[0]
        for other in {entry, 'f32'}:
            check(f'{entry}, step {n}: {loss}, {other} by PyTorch {fixture[other][n]}', abs(loss - fixture[other][n]) <= bound * (fixture[other][n] + 0.01))


def overflow(run, entry, row):
    """What a step reports, and what it changes, against the rule. Gradients here are finite for scales below about 2^18."""
    scale, good, updates, skips = SCALE['initial'], 0, 0, 0
    for call in range(120):
        before = run.saved()
        loss, step, skipped, reported, updated = run.step(entry, call % steps)
        after = run.saved()
        due = call % row == row - 1
        changed = {name.split('.')[0] for name in after if after[name] != before[name]}
        check(f'{entry}, call {call}: scale {reported}, not {scale}', reported == scale)
        check(f'{entry}, call {call}: step {step}, not {updates}', step == updates)
        check(f'{entry}, call {call}: due {due}, updated {updated}, skipped {skipped}', updated + skipped == due)
        check(f'{entry}, call {call}: changed {changed}, updated {updated}', ('net' in changed) == bool(updated))
        own = {name for name in after if name.startswith(entry + '.adamw') and after[name] != before[name]}
        check(f'{entry}, call {call}: the optimizer changed by a skipped update: {own}', bool(own) == bool(updated))
        if due and skipped:
            scale, good, skips = scale * SCALE['backoff'], 0, skips + 1
        elif due:
            good, updates = good + 1, updates + 1
            if good == SCALE['interval']:
                scale, good = scale * SCALE['growth'], 0
    check(f'{entry}: {updates} updates, {skips} skipped', updates > 20 and skips > 10)


def apart(level, run, other, entry, row):
    """`run` makes steps, `other` gradients and what is done with them."""
    skips = 0
    for call in range(60):
        data = ctypes.c_int64(batch), floats(fixture['x'][call % steps]), ints(fixture['label'][call % steps])
        wanted = run.step(entry, call % steps)
        loss, gradients = ctypes.c_float(), floats(sum(len(p['data']) for p in initial.values()))
        other.call(entry + '_slopes', *data, ctypes.byref(loss), gradients)
        results = [ctypes.c_int64(), ctypes.c_uint8(), ctypes.c_float(), ctypes.c_uint8()]
        other.call(entry + '_apply', gradients, *map(ctypes.byref, results))
        got = [loss.value] + [result.value for result in results]
        check(f'{level}, {entry} apart, call {call}: {got}, the step {wanted}', got == wanted)
        check(f'{level}, {entry} apart, call {call}: the models differ', run.saved() == other.saved())
        skips += wanted[2]
    check(f'{level}, {entry} apart: {skips} of 60 skipped', 5 < skips < 60 // row - 5)


with tempfile.TemporaryDirectory() as folder:
    for level in ('-O0', '-O2'):
        os.makedirs(os.path.join(folder, level))
        build(graphc, graph, os.path.join(folder, level), level)
        for entry, row in (('falling', 1), ('row', 2)):
            apart(level, Run(os.path.join(folder, level)), Run(os.path.join(folder, level)), entry, row)
    folder = os.path.join(folder, '-O2')
    compare(Run(folder), 'f32', 1e-4)
    compare(Run(folder), 'bf16', 0.02)
    compare(Run(folder), 'f16', 0.005)
    overflow(Run(folder), 'falling', 1)
    overflow(Run(folder), 'row', 2)
finish()
