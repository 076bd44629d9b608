# The language's TreeLSTM (tree_lstm.json), which recurs over trees given as data, from C against PyTorch's dynamic one
# (tree_lstm_fixture.py): scores, losses and gradients of trees of several shapes, a training curve and the params at its end. A tree
# that is deeper than max_depth, or is none, is a status and changes nothing.
#   tree_lstm.py GRAPHC
import ctypes, json, os, sys, tempfile
from checks import check, finish, near
from compiled_model import Model, build, floats, ints, read_graph
from tensor_files import Tensor, floats_of, write_safetensors

graphc, here = sys.argv[1], os.path.dirname(os.path.abspath(__file__))
fixture = json.load(open(os.path.join(here, 'fixtures', 'tree_lstm.json')))
DEPTH, INDEX = -8, -14  # GRAPHC_ERR_DEPTH, GRAPHC_ERR_INDEX


def graph():
    model = read_graph('tree_lstm')
    model['dims']['V'], model['dims']['U'] = fixture['words'], fixture['units']
    model['functions']['gradients'] = {'derive': 'grad', 'of': 'loss', 'wrt': ['tree.**', 'classify.**']}
    model['entries'].append('gradients')
    model['weights'] = [{'file': 'initial.safetensors', 'partial': True}]  # the optimizer's state begins as it does
    return model


def arguments(tree):
    return [ctypes.c_int64(len(tree['word'])), ctypes.c_int32(tree['root']), ints(tree['word']), ints(tree['left']), ints(tree['right'])]


def trained(folder, *options):
    """The tensors at the end."""
    write_safetensors(os.path.join(folder, 'initial.safetensors'), {name: Tensor(p['shape'], p['data']) for name, p in fixture['initial'].items()})
    build(graphc, graph(), folder, *options)
    model = Model(folder, 'tree_lstm')
    for number, (tree, wanted) in enumerate(zip(fixture['trees'], fixture['checked'])):
        z = floats(5)
        model.call('classify', *arguments(tree), z)
        near(f'tree {number}, scores', list(z), wanted['z'], 1e-6)
        names = sorted(wanted['gradients'])
        loss, all_gradients = ctypes.c_float(), [v for name in names for v in wanted['gradients'][name]]
        gradients = floats(len(all_gradients))
        model.call('gradients', *arguments(tree), ctypes.c_int32(tree['label']), ctypes.byref(loss), gradients)
        near(f'tree {number}, loss', [loss.value], [wanted['loss']], 1e-6)
        near(f'tree {number}, gradients', list(gradients), all_gradients, 1e-6)
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
    check('a failing step changed the model', model.saved() == before)
    return end


with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as plain:
    check('other bits at -O0', trained(folder) == trained(plain, '-O0'))
finish()
