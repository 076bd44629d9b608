# Writes fixtures/gpt2.json: weights of the small gpt2.json, scores of a batch, and greedy continuations, by PyTorch without a cache: each
# token runs the whole text again. By hand, in a Python with torch: python gpt2_fixture.py
import json, os, random
import torch
import torch.nn.functional as F

B, T, V, D, H, L, C = 3, 6, 11, 16, 2, 3, 8
rng = random.Random(4)
numbers = lambda t: [float('%.7g' % v) for v in t.flatten().tolist()]
def normal(*shape, scale=1.0, mean=0.0):
    return torch.tensor([round(rng.gauss(mean, scale), 4) for _ in range(int(torch.Size(shape).numel()))], dtype=torch.float64).reshape(shape)


p = {'gpt.tok.weight': normal(V, D), 'gpt.position.weight': normal(C, D, scale=0.7)}
for i in range(L):
    at = 'gpt.blocks.%d.' % i
    for name, rows, columns in ('qkv', D, 3 * D), ('proj', D, D), ('up', D, 4 * D), ('down', 4 * D, D):
        p[at + name + '.weight'], p[at + name + '.bias'] = normal(rows, columns, scale=0.4), normal(columns, scale=0.3)
    for name in 'n1', 'n2':
        p[at + name + '.scale'], p[at + name + '.shift'] = normal(D, scale=0.2, mean=1.0), normal(D, scale=0.2)
p['gpt.final.scale'], p['gpt.final.shift'] = normal(D, scale=0.2, mean=1.0), normal(D, scale=0.2)


def norm(x, at):
    return F.layer_norm(x, (D,), p[at + '.scale'], p[at + '.shift'])


def dense(x, at):
    return x @ p[at + '.weight'] + p[at + '.bias']


def gpt(ids):
    batch, time = ids.shape
    h = p['gpt.tok.weight'][ids] + p['gpt.position.weight'][:time]
    for i in range(L):
        at = 'gpt.blocks.%d.' % i
        q, k, v = dense(norm(h, at + 'n1'), at + 'qkv').reshape(batch, time, 3, H, D // H).permute(2, 0, 3, 1, 4)
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(batch, time, D)
        h = h + dense(a, at + 'proj')
        h = h + dense(F.gelu(dense(norm(h, at + 'n2'), at + 'up'), approximate='tanh'), at + 'down')
    return norm(h, 'gpt.final') @ p['gpt.tok.weight'].T


def generate(start, end):
    """As the graph: `text` has what came behind the start, zeros behind the last turn."""
    ids, done, text, n = torch.tensor(start)[:, None], torch.zeros(len(start), dtype=torch.bool), torch.zeros(len(start), C, dtype=torch.int64), 0
    margin = float('inf')
    while n < C and not bool(done.all()):
        z = gpt(ids)[:, -1]
        best = z.topk(2).values
        margin = min(margin, float((best[:, 0] - best[:, 1]).min()))
        token = torch.where(done, end, z.argmax(-1))
        text[:, n], n, done = token, n + 1, done | (token == end)
        ids = torch.cat([ids, token[:, None]], 1)
    assert margin > 1e-3, margin  # no choice that rounding could turn
    return {'start': start, 'end': end, 'text': text.tolist(), 'length': n}


ids = torch.tensor([[rng.randrange(V) for _ in range(T)] for _ in range(B)])
texts = [generate(start, end) for start, end in (([1, 4, 7], 10), ([2], 10), ([7, 1], 4), ([5], 5))]
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'fixtures', 'gpt2.json')
with open(path, 'w') as f:
    json.dump({'made by': 'gpt2_fixture.py, PyTorch %s' % torch.__version__.split('+')[0], 'ids': ids.tolist(), 'logits': numbers(gpt(ids)), 'texts': texts,
               'weights': {name: {'shape': list(t.shape), 'data': numbers(t)} for name, t in p.items()}}, f)
print([t['length'] for t in texts])
