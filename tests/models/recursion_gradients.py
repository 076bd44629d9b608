# Gradients of a recursion through a scan (recursion_gradients.json), from C: over a tape, by running calls again, with and without
# planned places (-O0), call after call, they have the same bits; graphc gradcheck agrees with finite
# differences to second order. Gradients of params lie in one place however many calls add to them: the context is no larger than one
# of the embedding and a tenth. One call more than the tape holds is a status that changes nothing.
#   recursion_gradients.py GRAPHC
import ctypes, json, os, struct, subprocess, sys, tempfile
from checks import check, finish
from compiled_model import Model, build, floats, ints, read_graph

graphc, TAPE = sys.argv[1], -9  # GRAPHC_ERR_TAPE
WORDS, UNITS = 20000, 16
tree = {0: (1, 2, 3), 1: (4, 5, 6), 3: (7, 8, 9), 8: (10, 11, 12)}  # 13 nodes: as many calls as there may be
more = {**tree, 9: (13, 14, 15)}


def arguments(children):
    count = 1 + max(max(c) for c in children.values())
    flat = [child for node in range(count) for child in children.get(node, (-1, -1, -1))]
    return [ctypes.c_int64(count), ctypes.c_int32(0), ints([77 * n % WORDS for n in range(count)]), ints(flat)]


def write_npy(path, shape, values):
    header = f"{{'descr': '<i4', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + '\n'
    with open(path, 'wb') as file:
        file.write(b'\x93NUMPY\x01\x00' + struct.pack('<H', len(header)) + header.encode() + struct.pack(f'<{len(values)}i', *values))


def gradients(folder, graph, *options):
    """Their bytes, and the model after three steps."""
    build(graphc, graph, folder, *options)
    model = Model(folder, 'recursion_gradients', seed=5)
    loss, found = ctypes.c_float(), floats(WORDS * UNITS + 2 * (UNITS * UNITS + UNITS))
    for _ in range(13):
        model.call('gradients', *arguments(tree), ctypes.byref(loss), found)
    for _ in range(3):
        model.call('train_step', *arguments(tree), ctypes.byref(loss))
    return bytes(found), model


with tempfile.TemporaryDirectory() as top:
    graph = read_graph('recursion_gradients')
    graph['name'] = 'recursion_gradients'
    again = json.loads(json.dumps(graph))
    del again['functions']['tree']['recursive']['max_calls']
    found = {}
    for name, one, options in ('tape', graph, []), ('tape at -O0', graph, ['-O0']), ('again', again, []):
        folder = os.path.join(top, name)
        os.mkdir(folder)
        found[name], model = gradients(folder, one, *options)
        check(f'{name}: other bits', found[name] == found['tape'])
        check(f'{name}: all zero', any(found[name]))
        saved = model.saved()
        status = TAPE if name != 'again' else 0
        loss = ctypes.c_float()
        for _ in range(2):
            model.call('gradients', *arguments(more), ctypes.byref(loss), floats(len(found[name]) // 4), wanted=status)
        if status:
            model.call('train_step', *arguments(more), ctypes.byref(loss), wanted=status)
            check(f'{name}: a failing step changed the model', model.saved() == saved)
        model.call('train_step', *arguments(tree), ctypes.byref(loss))
        if '-O0' not in options:
            with open(os.path.join(folder, 'recursion_gradients.manifest.json')) as file:
                size = json.load(file)['context_bytes']
            check(f'{name}: a context of {size} bytes', size < 1.1 * 4 * WORDS * UNITS)
    root, word, children = (list(a) if isinstance(a, ctypes.Array) else [a.value] for a in arguments(tree)[1:])
    for name, shape, values in ('root', '()', root), ('word', f'({len(word)},)', word), ('children', f'({len(word)}, 3)', children):
        write_npy(os.path.join(top, name + '.npy'), shape, values)
    graph['dims']['V'] = 1000
    path = os.path.join(top, 'small.json')
    with open(path, 'w') as file:
        json.dump(graph, file)
    done = subprocess.run([graphc, 'gradcheck', path, '--entry=loss', '--inputs=' + top], capture_output=True, text=True)
    check('gradcheck: ' + done.stdout + done.stderr, done.returncode == 0)
finish()
