# The language's character models (char_lstm.json) on the text of LICENSE, from C: logits, gradients, losses and params of clipped training steps
# against PyTorch's LSTM and GRU (char_lstm_fixture.py); a text in two pieces, whose second goes on where the first ended; a longer training, whose
# loss falls below that of guessing by the text's frequencies, with the same bits at -O0.
#   char_lstm.py GRAPHC
import collections, ctypes, json, math, os, sys, tempfile
from checks import check, finish, near
from compiled_model import Model, build, floats, ints, read_graph
from tensor_files import Tensor, floats_of, write_safetensors

graphc, here = sys.argv[1], os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, 'fixtures', 'char_lstm.json')) as file:
    fixture = json.load(file)
V, B, T, U = fixture['sizes']['V'], fixture['batch'], fixture['time'], fixture['sizes']['U']
with open(os.path.join(here, '..', '..', 'LICENSE')) as file:
    text = [ord(c) & V - 1 for c in file.read()]


def batch(step, rows=B, time=T):
    """The ids of some places of the text, and those one further."""
    starts = [(step * 211 + row * 997) % (len(text) - time - 1) for row in range(rows)]
    return [ints([text[s + shift + t] for s in starts for t in range(time)]) for shift in (0, 1)]


def sizes(*all):
    return [ctypes.c_int64(size) for size in all]


def graph(**dims):
    model = read_graph('char_lstm')
    model['dims'].update(dims)
    for loss, path in ('loss', 'lm'), ('loss_gru', 'gru_by_hand'):
        model['functions']['gradients_' + path] = {'derive': 'grad', 'of': loss, 'wrt': [path + '.**']}
        model['entries'].append('gradients_' + path)
    model['functions']['logits'] = {'inputs': {'ids': 'i32[B, T]'}, 'outputs': {'z': 'gru_by_hand(ids)'}}
    model['entries'].append('logits')
    for step in 'train_step', 'train_gru':
        model['functions'][step]['clip_norm'] = fixture['clip']  # small enough to count
    return model


def against_pytorch(folder):
    model = graph(**fixture['sizes'])
    model['weights'] = [{'file': 'w.safetensors', 'partial': True}]  # the optimizer's state begins as it does
    weights = {**fixture['lm']['weights'], **fixture['gru_by_hand']['weights']}
    write_safetensors(os.path.join(folder, 'w.safetensors'), {name: Tensor(t['shape'], t['data']) for name, t in weights.items()})
    build(graphc, model, folder)
    model, state, loss = Model(folder, 'char_lstm'), lambda: floats(B * U), ctypes.c_float()
    ids, target = batch(0)
    for name, step in ('lm', 'train_step'), ('gru_by_hand', 'train_gru'):
        wanted, logits = fixture[name], floats(B * T * V)
        if name == 'lm':
            model.call('lm', *sizes(B, T), ids, state(), state(), logits, state(), state())
        else:
            model.call('logits', *sizes(B, T), ids, logits)
        near(name + ', logits', list(logits), wanted['logits'], 2e-5)
        all_gradients = [v for path in sorted(wanted['gradients']) for v in wanted['gradients'][path]]
        gradients = floats(len(all_gradients))
        model.call('gradients_' + name, *sizes(B, T), ids, target, ctypes.byref(loss), gradients)
        near(name + ', gradients', list(gradients), all_gradients, 1e-6)
        for n, one in enumerate(wanted['losses']):
            model.call(step, *sizes(B, T), *batch(n), ctypes.byref(loss))
            near(f'{name}, loss {n}', [loss.value], [one], 1e-5)
        saved = model.saved()
        for path, values in wanted['end'].items():
            near(path, floats_of(saved[path]), values, 2e-5)
    whole, pieces = floats(B * T * V), [floats(B * size * V) for size in (4, T - 4)]
    model.call('lm', *sizes(B, T), ids, state(), state(), whole, state(), state())
    h, c, at = state(), state(), 0
    for piece in pieces:
        time, h1, c1 = len(piece) // (B * V), state(), state()
        model.call('lm', *sizes(B, time), ints([ids[b * T + at + t] for b in range(B) for t in range(time)]), h, c, piece, h1, c1)
        h, c, at = h1, c1, at + time
    joined = [v for b in range(B) for piece in pieces for v in piece[b * len(piece) // B:(b + 1) * len(piece) // B]]
    near('a text in two pieces', joined, list(whole), 1e-6)
    model.close()


def trained(folder, *options):
    build(graphc, graph(V=V, E=16, U=32), folder, *options)
    model, losses, loss = Model(folder, 'char_lstm', seed=3), {}, ctypes.c_float()
    for step in 'train_step', 'train_gru':
        losses[step] = []
        for n in range(250):
            model.call(step, *sizes(8, 24), *batch(n, 8, 24), ctypes.byref(loss))
            losses[step].append(loss.value)
    model.close()
    return losses


with tempfile.TemporaryDirectory() as folder:
    against_pytorch(folder)
with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as plain:
    losses = trained(folder)
    counts = collections.Counter(text)
    guessing = -sum(n / len(text) * math.log(n / len(text)) for n in counts.values())
    for step, all in losses.items():
        check(f'{step}: the loss goes from {all[0]} to {sum(all[-10:]) / 10}, guessing has {guessing}',
              abs(all[0] - math.log(V)) < 0.2 and sum(all[-10:]) / 10 < guessing - 0.1)
    check('other bits at -O0', losses == trained(plain, '-O0'))
finish()
