# The small gpt2.json with PyTorch's weights (gpt2_fixture.py): scores of a batch; the same scores token by token from the key/value cache; greedy
# continuations, which PyTorch makes without a cache. At -O2, where the cache is written in place, and at -O0, where it is copied.
#   gpt2.py GRAPHC
import json, os, subprocess, sys, tempfile
from tensor_files import Tensor, read_npy, write_npy, write_safetensors

here = os.path.dirname(os.path.abspath(__file__))
graphc, graph = os.path.abspath(sys.argv[1]), os.path.join(here, 'gpt2.json')
fixture = json.load(open(os.path.join(here, 'fixtures', 'gpt2.json')))
ids, V, H, L, C, K = fixture['ids'], 11, 2, 3, 8, 8
batch, time = len(ids), len(ids[0])


def flat(rows):
    return [v for row in rows for v in row]


def run(entry, level, **inputs):
    os.makedirs('in', exist_ok=True)
    for name, t in inputs.items():
        write_npy('in/%s.npy' % name, t, '<i4' if t.dtype == 'I32' else '<f4')
    subprocess.run([graphc, 'run', graph, '--entry', entry, '--inputs', 'in', '--outputs', 'out', '--weights', 'w.safetensors', level], check=True)


def near(what, got, wanted):
    assert len(got) == len(wanted), (what, len(got), len(wanted))
    worst = max(abs(g - w) / (1 + abs(w)) for g, w in zip(got, wanted))
    assert worst < 2e-5, (what, worst)


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    write_safetensors('w.safetensors', {name: Tensor(t['shape'], t['data']) for name, t in fixture['weights'].items()})
    for level in '-O2', '-O0':
        run('gpt', level, ids=Tensor((batch, time), flat(ids), 'I32'))
        near('gpt', read_npy('out/logits.npy').data, fixture['logits'])
        for text in fixture['texts']:
            run('generate', level, start=Tensor((len(text['start']),), text['start'], 'I32'), end_token=Tensor((), [text['end']], 'I32'))
            assert read_npy('out/text.npy', '<i4').data == flat(text['text']), (level, text)
            assert read_npy('out/length.npy', '<i4').data == [text['length']], (level, text)
    cache = {name: Tensor((L, batch, C, H, K)) for name in ('keys', 'values')}
    for at in range(time):
        run('decode', '-O2', token=Tensor((batch,), [row[at] for row in ids], 'I32'), at=Tensor((), [at], 'I32'), **cache)
        wanted = flat(fixture['logits'][(b * time + at) * V:(b * time + at + 1) * V] for b in range(batch))
        near('decode', read_npy('out/logits.npy').data, wanted)
        cache = {name: read_npy('out/%s.npy' % name) for name in cache}
