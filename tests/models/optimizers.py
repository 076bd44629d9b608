# The optimizers of the standard layers, 20 steps each from C, against PyTorch's (optimizers_fixture.py): 1e-5.
#   optimizers.py GRAPHC
import ctypes, json, os, sys, tempfile
from compiled_model import Model, build, floats

graphc = sys.argv[1]
fixture = json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'fixtures', 'optimizers.json')))
size, rates = len(fixture['curve']), fixture['rates']
functions = {}
for n, case in enumerate(fixture['cases']):
    functions[f'step{n}'] = {
        'inputs': {'curve': f'f32[{size}]', 'pull': f'f32[{size}]', 'lr': 'f32[]', 'step': 'i64[]'},
        'state': {'p': {'type': f'f32[{size}]', 'init': 1}},
        'nodes': [{'op': case['op'], 'in': ['p', 'curve * p - pull', 'lr', 'step'], 'out': 'next', **case['attributes']}],
        'outputs': ['next'], 'updates': {'p': 'next'}}
failed = 0
with tempfile.TemporaryDirectory() as folder:
    build(graphc, {'graphc': 1, 'name': 'opt', 'functions': functions, 'entries': list(functions)}, folder)
    model = Model(folder, 'opt')
    curve, pull, after = floats(fixture['curve']), floats(fixture['pull']), floats(size)
    for n, case in enumerate(fixture['cases']):
        for i, rate in enumerate(rates):
            model.call(f'step{n}', curve, pull, ctypes.c_float(rate), ctypes.c_int64(i), after)
            for got, wanted in zip(after, case['after'].get(str(i + 1), [])):
                if not abs(got - wanted) <= 1e-5 * max(1, abs(wanted)):
                    print(f"{case['op']} {case['attributes']}, step {i + 1}: {got}, not {wanted}")
                    failed += 1
    model.close()
sys.exit(failed > 0)
