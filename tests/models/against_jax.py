# Compiled grad, jvp and hvp against JAX's (against_jax_fixture.py), in f64, to 1e-10 of the largest number of the tensor.
#   against_jax.py GRAPHC
import json, math, os, subprocess, sys, tempfile
from tensor_files import Tensor, read_npy, write_npy

graphc, failed = sys.argv[1], 0
fixture = json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'fixtures', 'against_jax.json')))
ALONG = {'grad': None, 'jvp': 'd_', 'hvp': 'v_'}  # by derivation: how the inputs that say where to are called
for case in fixture['cases']:
    graph = {'graphc': 1, 'name': case['name'], 'functions': {
        'f': {'inputs': {name: 'f64%s' % t['shape'] for name, t in case['inputs'].items()}, 'nodes': case['nodes'],
              'outputs': {'y': case['result']}},
        **{kind: {'derive': kind, 'of': 'f'} for kind in ALONG}}, 'entries': list(ALONG)}
    with tempfile.TemporaryDirectory() as work:
        path = lambda *names: os.path.join(work, *names)
        with open(path('net.json'), 'w') as file:
            json.dump(graph, file)
        os.makedirs(path('in'))
        for name, t in case['inputs'].items():
            write_npy(path('in', name + '.npy'), Tensor(t['shape'], t['data']), '<f8')
            for prefix in filter(None, ALONG.values()):
                write_npy(path('in', prefix + name + '.npy'), Tensor(t['shape'], t['along']), '<f8')
        for kind, wanted in case['outputs'].items():
            subprocess.run([graphc, 'run', path('net.json'), '--entry', kind, '--inputs', path('in'), '--outputs', path(kind)], check=True)
            if sorted(os.listdir(path(kind))) != sorted(name + '.npy' for name in wanted):
                print(f'{case["name"]}, {kind}: other outputs: {os.listdir(path(kind))}')
                failed = 1
                continue
            for name, values in wanted.items():
                got, largest = read_npy(path(kind, name + '.npy'), '<f8').data, max(map(abs, values))
                off = max(abs(g - v) if math.isfinite(g) else math.inf for g, v in zip(got, values, strict=True))
                if off > 1e-10 * largest:
                    print(f'{case["name"]}, {kind}, {name}: off by {off:.1e}, the largest is {largest:.1e}')
                    failed = 1
sys.exit(failed)
