# The small seq2seq.json with PyTorch's weights (seq2seq_fixture.py), from C: greedy translations that end at once, early and at the limit, and the
# losses of six training steps through two scans.
#   seq2seq.py GRAPHC
import ctypes, json, os, sys, tempfile
from compiled_model import Model, bools, build, ints, read_graph
from tensor_files import Tensor, write_safetensors

fixture = json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'fixtures', 'seq2seq.json')))
graph = read_graph('seq2seq')
S, T, M, B = 5, 4, 6, 3
source, mask = fixture['source'], fixture['source_mask']

with tempfile.TemporaryDirectory() as folder:
    write_safetensors(os.path.join(folder, 'w.safetensors'), {name: Tensor(t['shape'], t['data']) for name, t in fixture['weights'].items()})
    graph['weights'] = [{'file': 'w.safetensors', 'partial': True}]  # the optimizer's state begins as it does
    build(sys.argv[1], graph, folder)
    model = Model(folder, 'seq2seq')
    for text in fixture['texts']:
        count, result, length = text['count'], ints(text['count'] * M), ctypes.c_int32()
        model.call('translate', ctypes.c_int64(count), ctypes.c_int64(S), ints(source[:count * S]), bools(mask[:count * S]),
                   ctypes.c_int32(text['begin']), ctypes.c_int32(text['end']), result, ctypes.byref(length))
        assert (list(result), length.value) == ([v for row in text['text'] for v in row], text['length']), (text, list(result), length.value)
    loss = ctypes.c_float()
    for n, wanted in enumerate(fixture['losses']):
        model.call('train_step', *map(ctypes.c_int64, (B, S, T)), ints(source), bools(mask), ints(fixture['target_in']), ints(fixture['target']),
                   bools(fixture['target_mask']), ctypes.byref(loss))
        assert abs(loss.value - wanted) < 2e-5 * wanted, (n, loss.value, wanted)
    model.close()
