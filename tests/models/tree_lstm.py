# The language's TreeLSTM (tree_lstm.json), which recurs over trees given as data, from C against PyTorch's dynamic one
# (tree_lstm_fixture.py): scores, losses and gradients of trees of several shapes, a training curve and the params at its end. A tree
# that is deeper than max_depth, or is none, is a status and changes nothing.
#   tree_lstm.py GRAPHC
import ctypes, json, os, sys, tempfile
from compiled_model import Model, build, sized
from tensor_files import Tensor, floats_of, parse_safetensors, write_safetensors

graphc, here = sys.argv[1], os.path.dirname(os.path.abspath(__file__))
fixture = json.load(open(os.path.join(here, 'fixtures', 'tree_lstm.json')))
failed, DEPTH, INDEX = 0, -8, -14  # GRAPHC_ERR_DEPTH, GRAPHC_ERR_INDEX


def graph():
    with open(os.path.join(here, 'tree_lstm.json')) as file:
        model = json.loads('\n'.join(line for line in file if not line.startswith('//')))
    model['dims']['V'], model['dims']['U'] = fixture['words'], fixture['units']
    model['functions']['gradients'] = {'derive': 'grad', 'of': 'loss', 'wrt': ['tree.**', 'classify.**']}
    model['entries'].append('gradients')
    return model


def near(what, got, wanted, bound=1e-6):
    global failed
    if len(got) != len(wanted) or any(not abs(g - w) <= bound * max(1, abs(w)) for g, w in zip(got, wanted)):
        print(f'{what}: off by {max(abs(g - w) for g, w in zip(got, wanted)):.1e}')
        failed += 1


def arguments(tree):
    ints = lambda values: sized((ctypes.c_int32 * len(values))(*values))
    return [ctypes.c_int64(len(tree['word'])), ctypes.c_int32(tree['root']), *ints(tree['word']), *ints(tree['left']), *ints(tree['right'])]


def check(folder, *options):
    build(graphc, graph(), folder, *options)
    model = Model(folder, 'tree_lstm')
    tensors = {name: Tensor(p['shape'], p['data']) for name, p in fixture['initial'].items()}
    fresh = os.path.join(folder, 'fresh')
    raw = model.save(fresh)
    size = int.from_bytes(raw[:8], 'little')
    for name, t in json.loads(raw[8:8 + size]).items():  # the optimizer's state begins at 0
        if name not in tensors and name != '__metadata__':
            tensors[name] = Tensor(t['shape'], [0] * (len(parse_safetensors(raw)[name]) // (8 if t['dtype'] == 'I64' else 4)), t['dtype'])
    write_safetensors(os.path.join(folder, 'initial'), tensors)
    model.load(os.path.join(folder, 'initial'))
    for number, (tree, wanted) in enumerate(zip(fixture['trees'], fixture['checked'])):
        z = (ctypes.c_float * 5)()
        model.call('classify', *arguments(tree), *sized(z))
        near(f'tree {number}, scores', list(z), wanted['z'])
        names = sorted(wanted['gradients'])
        loss, all_gradients = ctypes.c_float(), [v for name in names for v in wanted['gradients'][name]]
        gradients = (ctypes.c_float * len(all_gradients))()
        model.call('gradients', *arguments(tree), ctypes.c_int32(tree['label']), ctypes.byref(loss), *sized(gradients))
        near(f'tree {number}, loss', [loss.value], [wanted['loss']])
        near(f'tree {number}, gradients', list(gradients), all_gradients)
    losses = []
    for n in range(len(fixture['losses'])):
        tree, loss = fixture['trees'][n % len(fixture['trees'])], ctypes.c_float()
        model.call('train_step', *arguments(tree), ctypes.c_int32(tree['label']), ctypes.byref(loss))
        losses.append(loss.value)
    near('losses', losses, fixture['losses'], 1e-5)
    end = model.saved()
    for name, values in fixture['end'].items():
        near(name, floats_of(end[name]), values, 1e-5)
    deep = {'root': 0, 'word': [], 'left': [], 'right': []}
    for i in range(70):  # node 2i has the leaf 2i + 1 and goes on at 2i + 2
        deep['word'] += [1, 2]
        deep['left'] += [2 * i + 1, -1]
        deep['right'] += [2 * i + 2 if i < 69 else 2 * i + 1, -1]
    loss = ctypes.c_float()
    before = model.saved()
    model.call('train_step', *arguments(deep), ctypes.c_int32(0), ctypes.byref(loss), wanted=DEPTH)
    circle = {'root': 0, 'word': [0], 'left': [0], 'right': [0]}
    model.call('train_step', *arguments(circle), ctypes.c_int32(0), ctypes.byref(loss), wanted=DEPTH)
    outside = {'root': 0, 'word': [0, 99, 1], 'left': [1, -1, -1], 'right': [2, -1, -1]}
    model.call('train_step', *arguments(outside), ctypes.c_int32(0), ctypes.byref(loss), wanted=INDEX)
    if model.saved() != before:
        global failed
        print('a failing step changed the model')
        failed += 1
    return end


with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as plain:
    if check(folder) != check(plain, '-O0'):
        print('other bits at -O0')
        failed += 1
sys.exit(failed > 0)
