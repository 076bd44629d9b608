# --memory-limit: a network whose activations dominate, trained with 40% less workspace than storing all of them takes: the same bits of losses
# and params, and the workspace really is below; what cannot be met is refused with what is left.
#   memory_limit.py GRAPHC
import ctypes, json, random, re, subprocess, sys, tempfile
from compiled_model import Model, floats, ints

graphc, BATCH, WIDTH, DEPTH, STEPS = sys.argv[1], 512, 24, 8, 12
failed = 0


def graph(dynamic):
    nodes = [{'op': 'dense', 'in': 'h%d' % i if i else 'x', 'out': 'h%d' % (i + 1), 'units': WIDTH, 'activation': 'gelu' if i % 2 else 'tanh'} for i in range(DEPTH)]
    nodes += [{'op': 'dropout', 'in': 'h%d' % DEPTH, 'out': 'd', 'rate': 0.1}, {'op': 'dense', 'in': 'd', 'out': 'z', 'units': 4}]
    size = 'B' if dynamic else str(BATCH)
    inputs = {'x': 'f32[%s, %d]' % (size, WIDTH), 'label': 'i32[%s]' % size}
    return {'graphc': 1, 'name': 'deep', 'dims': {'B': {'min': 1, 'max': BATCH}} if dynamic else {}, 'functions': {
        'net': {'inputs': {'x': inputs['x']}, 'nodes': nodes, 'outputs': ['z']},
        'loss': {'inputs': inputs, 'outputs': {'loss': 'cross_entropy(net(x), label)'}},
        'train': {'derive': 'train_step', 'of': 'loss', 'optimizer': {'op': 'adam', 'lr': 0.01}, 'report': ['grad_norm']}}, 'entries': ['train']}


def build(folder, *options, wanted=0):
    run = subprocess.run([graphc, 'build', folder + '/deep.json', '--target=native', '-o', folder + '/lib', *options], capture_output=True, text=True)
    assert run.returncode == wanted, run.stderr
    return run.stderr


def train(folder, dynamic):
    model, dims = Model(folder + '/lib', 'deep'), [ctypes.c_int64(BATCH)] if dynamic else []
    draw, results = random.Random(7), []
    rows = [[draw.gauss(0, 1) for _ in range(WIDTH)] for _ in range(BATCH)]
    x, label = floats([value for row in rows for value in row]), ints([(row[0] > 0) + 2 * (row[1] > 0) for row in rows])
    for _ in range(STEPS):
        loss, norm = ctypes.c_float(), ctypes.c_float()
        model.call('train', *dims, x, label, ctypes.byref(loss), ctypes.byref(norm))
        results.append((loss.value, norm.value))
    context_bytes = model.function('context_bytes')
    context_bytes.restype = ctypes.c_uint64
    return results, model.save(folder + '/end'), context_bytes(*dims)


for dynamic in False, True:
    with tempfile.TemporaryDirectory() as all_stored, tempfile.TemporaryDirectory() as limited:
        for folder in all_stored, limited:
            json.dump(graph(dynamic), open(folder + '/deep.json', 'w'))
        before = int(re.search(r"(\d+) bytes, (\d+) without", build(all_stored, '--memory-limit=1G')).group(2))
        limit = before * 6 // 10
        said = build(limited, '--memory-limit=%d' % limit)
        bytes_, twice = map(int, re.search(r"workspace of 'train': (\d+) bytes, \d+ without a limit; (\d+) kernel calls done twice", said).groups())
        (losses, end, context), (less_losses, less_end, less_context) = train(all_stored, dynamic), train(limited, dynamic)
        print('%d bytes of workspace in place of %d, %d kernel calls twice; contexts of %d and %d' % (bytes_, before, twice, less_context, context))
        for what, good in (('the limit is met', bytes_ <= limit), ('contexts are smaller', context - less_context == before - bytes_ or dynamic and less_context < 0.65 * context),
                           ('something is computed twice', twice > 0), ('losses', losses == less_losses), ('params', end == less_end),
                           ('it trains', losses[-1][0] < losses[0][0])):
            if not good:
                print('dynamic' if dynamic else 'static', 'sizes:', what, 'failed', losses[:2], less_losses[:2])
                failed += 1
        refused = build(limited, '--memory-limit=20K', wanted=1)
        if not re.search(r"deep.json:1:\d+: error\[G9005\]: 'train' needs \d+ bytes of workspace and the limit is 20480 .* at the peak: \d+ bytes", refused):
            print('not refused as it should be:', refused)
            failed += 1
sys.exit(failed != 0)
