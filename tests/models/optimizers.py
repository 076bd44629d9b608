# The optimizers of the standard layers, 20 steps each from C, against PyTorch's (optimizers_fixture.py): 1e-5.
#   optimizers.py GRAPHC
import ctypes, json, os, subprocess, sys, tempfile

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
Floats = ctypes.c_float * size
failed = 0
with tempfile.TemporaryDirectory() as folder:
    path = lambda name: os.path.join(folder, name)
    open(path('opt.json'), 'w').write(json.dumps({'graphc': 1, 'name': 'opt', 'functions': functions, 'entries': list(functions)}))
    subprocess.run([graphc, 'build', path('opt.json'), '-o', folder], check=True)
    library = ctypes.CDLL(path('libopt.so'))
    model, context = ctypes.c_void_p(), ctypes.c_void_p()
    for create, handle in ((library.opt_model_create_for, model), (library.opt_context_create_for, context)):
        if create(ctypes.c_uint64(0), None, ctypes.byref(handle)):
            sys.exit('no model or context')
    curve, pull, after = Floats(*fixture['curve']), Floats(*fixture['pull']), Floats()
    bytes_ = ctypes.c_size_t(ctypes.sizeof(Floats))
    for n, case in enumerate(fixture['cases']):
        step = getattr(library, f'opt_step{n}')
        for i, rate in enumerate(rates):
            status = step(context, model, curve, bytes_, pull, bytes_, ctypes.c_float(rate), ctypes.c_int64(i), after, bytes_)
            if status:
                sys.exit(f'{case}: status {status}')
            for got, wanted in zip(after, case['after'].get(str(i + 1), [])):
                if not abs(got - wanted) <= 1e-5 * max(1, abs(wanted)):
                    print(f"{case['op']} {case['attributes']}, step {i + 1}: {got}, not {wanted}")
                    failed += 1
    library.opt_context_destroy(context)
    library.opt_model_destroy(model)
sys.exit(failed > 0)
