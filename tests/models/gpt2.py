# The small gpt2.json with PyTorch's weights (gpt2_fixture.py), from C: scores of a batch; the same scores token by token from the key/value cache;
# greedy continuations, which PyTorch makes without a cache. At -O2, where the cache is written in place, and at -O0, where it is copied.
#   gpt2.py GRAPHC
import ctypes, json, os, sys, tempfile
from compiled_model import Model, build, floats, ints
from tensor_files import Tensor, write_safetensors

here = os.path.dirname(os.path.abspath(__file__))
fixture = json.load(open(os.path.join(here, 'fixtures', 'gpt2.json')))
ids, V, H, L, C, K = fixture['ids'], 11, 2, 3, 8, 8
batch, time = len(ids), len(ids[0])


def flat(rows):
    return [v for row in rows for v in row]


def near(what, got, wanted):
    assert len(got) == len(wanted), (what, len(got), len(wanted))
    worst = max(abs(g - w) / (1 + abs(w)) for g, w in zip(got, wanted))
    assert worst < 2e-5, (what, worst)


for level in '-O2', '-O0':
    with tempfile.TemporaryDirectory() as folder:
        build(sys.argv[1], os.path.join(here, 'gpt2.json'), folder, level)
        model, weights = Model(folder, 'gpt2'), os.path.join(folder, 'w.safetensors')
        write_safetensors(weights, {name: Tensor(t['shape'], t['data']) for name, t in fixture['weights'].items()})
        model.load(weights)
        logits = floats(batch * time * V)
        model.call('gpt', ctypes.c_int64(batch), ctypes.c_int64(time), ints(flat(ids)), logits)
        near('gpt', logits, fixture['logits'])
        for text in fixture['texts']:
            count, length = len(text['start']), ctypes.c_int32()
            got = ints(count * C)
            model.call('generate', ctypes.c_int64(count), ints(text['start']), ctypes.c_int32(text['end']), got, ctypes.byref(length))
            assert (list(got), length.value) == (flat(text['text']), text['length']), (level, text)
        cache = [floats(L * batch * C * H * K) for _ in range(2)]  # keys, values
        for at in range(time):
            logits, after = floats(batch * V), [floats(len(part)) for part in cache]
            model.call('decode', ctypes.c_int64(batch), ints([row[at] for row in ids]), ctypes.c_int32(at), *cache, logits, *after)
            near('decode', logits, flat(fixture['logits'][(b * time + at) * V:(b * time + at + 1) * V] for b in range(batch)))
            cache = after
        model.close()
