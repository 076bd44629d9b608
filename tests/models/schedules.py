# The standard schedules against their formulas, from the learning rate that a step reports over 40 updates; a schedule counts updates, not calls.
#   schedules.py GRAPHC
import ctypes, math, sys, tempfile
from compiled_model import Model, build

graphc = sys.argv[1]
RATE, CALLS = 0.05, 40
rise = lambda n, warmup: min((n + 1) / warmup, 1) if warmup else 1
after = lambda n, warmup: max(n - warmup, 0)
CASES = [  # layer, attributes, factor of update n, calls per update
    ('constant_schedule', {}, lambda n: 1, 1),
    ('constant_schedule', {'warmup': 7}, lambda n: rise(n, 7), 1),
    ('step_schedule', {'every': 6}, lambda n: 0.1**(n // 6), 1),
    ('step_schedule', {'every': 5, 'factor': 0.5, 'warmup': 4}, lambda n: rise(n, 4) * 0.5**(after(n, 4) // 5), 1),
    ('linear_schedule', {'steps': 20, 'end': 0.2}, lambda n: 1 - 0.8 * min(n / 20, 1), 1),
    ('linear_schedule', {'steps': 10, 'warmup': 8}, lambda n: rise(n, 8) * (1 - min(after(n, 8) / 10, 1)), 2),
    ('cosine_schedule', {'steps': 30}, lambda n: 0.5 + 0.5 * math.cos(math.pi * min(n / 30, 1)), 1),
    ('cosine_schedule', {'steps': 12, 'end': 0.1, 'warmup': 3},
     lambda n: rise(n, 3) * (0.1 + 0.9 * (0.5 + 0.5 * math.cos(math.pi * min(after(n, 3) / 12, 1)))), 3),
]
functions = {'loss': {'inputs': {'x': 'f32[]'}, 'params': {'w': {'type': 'f32[]', 'init': 1}}, 'outputs': {'loss': 'w * x'}}}
for i, (layer, attributes, factor, calls) in enumerate(CASES):
    functions[f'rate{i}'] = {'layer': layer, 'inputs': {'step': 'f32[]'}, **attributes}
    functions[f'step{i}'] = {'derive': 'train_step', 'of': 'loss', 'optimizer': {'op': 'sgd', 'lr': RATE}, 'schedule': f'rate{i}', 'report': ['lr'],
                             **({'accumulate': calls} if calls > 1 else {})}
failed = 0
with tempfile.TemporaryDirectory() as folder:
    build(graphc, {'graphc': 1, 'name': 'sc', 'functions': functions, 'entries': [f'step{i}' for i in range(len(CASES))]}, folder)
    model = Model(folder, 'sc')
    for i, (layer, attributes, factor, calls) in enumerate(CASES):
        for n in range(CALLS):
            loss, rate = ctypes.c_float(), ctypes.c_float()
            model.call(f'step{i}', ctypes.c_float(0.01), ctypes.byref(loss), ctypes.byref(rate))
            wanted = RATE * factor(n // calls)
            if abs(rate.value - wanted) > 1e-6 * RATE:
                print(f'{layer} {attributes}, call {n}: {rate.value}, not {wanted}')
                failed += 1
sys.exit(failed > 0)
