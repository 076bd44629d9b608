# Writes fixtures/seq2seq.json: weights of the small seq2seq.json, greedy translations, and the losses of training steps (Adam, clipped), by
# PyTorch. By hand, in a Python with torch: python seq2seq_fixture.py
import itertools, json, os, random
import torch
import torch.nn.functional as F

VS, VT, E, U, M, B, S, T, STEPS = 9, 7, 4, 5, 6, 3, 5, 4, 6
rng = random.Random(12)
numbers = lambda t: [float('%.7g' % v) for v in t.flatten().tolist()]
def normal(*shape, scale=1.0):
    return torch.tensor([round(rng.gauss(0, scale), 4) for _ in range(int(torch.Size(shape).numel()))], dtype=torch.float64).reshape(shape)


def gru(at, n):
    return {at + 'weight': normal(n, 3 * U, scale=0.8), at + 'recurrent': normal(U, 3 * U, scale=0.8), at + 'bias': normal(3 * U, scale=0.3),
            at + 'recurrent_bias': normal(3 * U, scale=0.3)}


p = {'encode.e.weight': normal(VS, E), **gru('encode.rnn.', E), 'step.e.weight': normal(VT, E), 'step.query.weight': normal(U, U), **gru('step.cell.', E + U),
     'step.vocabulary.weight': normal(2 * U, VT, scale=1.2), 'step.vocabulary.bias': normal(VT, scale=0.3)}
initial = {name: t.clone() for name, t in p.items()}


def cell(at, x, h):
    zr, zu, zn = (x @ p[at + 'weight'] + p[at + 'bias']).chunk(3, -1)
    qr, qu, qn = (h @ p[at + 'recurrent'] + p[at + 'recurrent_bias']).chunk(3, -1)
    u = torch.sigmoid(zu + qu)
    return (1 - u) * torch.tanh(zn + torch.sigmoid(zr + qr) * qn) + u * h


def encode(source):
    h, all = torch.zeros(len(source), U, dtype=torch.float64), []
    for t in range(source.shape[1]):
        h = cell('encode.rnn.', p['encode.e.weight'][source[:, t]], h)
        all.append(h)
    return torch.stack(all, 1), h


def step(token, h, memory, mask):
    e = p['step.e.weight'][token]
    score = torch.einsum('bu,bsu->bs', h @ p['step.query.weight'], memory).masked_fill(~mask, float('-inf'))
    context = torch.einsum('bs,bsu->bu', score.softmax(-1), memory)
    h = cell('step.cell.', torch.cat([e, context], -1), h)
    return h, torch.cat([h, context], -1) @ p['step.vocabulary.weight'] + p['step.vocabulary.bias']


def translate(source, mask, begin, end):
    memory, h = encode(source)
    token, done = torch.full((len(source),), begin), torch.zeros(len(source), dtype=torch.bool)
    text, n, margin = torch.zeros(len(source), M, dtype=torch.int64), 0, float('inf')
    while n < M and not bool(done.all()):
        h, z = step(token, h, memory, mask)
        best = z.topk(2).values
        margin = min(margin, float((best[:, 0] - best[:, 1]).min()))
        token = torch.where(done, end, z.argmax(-1))
        text[:, n], n, done = token, n + 1, done | (token == end)
    assert margin > 1e-3, margin  # no choice that rounding could turn
    return {'count': len(source), 'begin': begin, 'end': end, 'text': text.tolist(), 'length': n}


def loss(source, mask, target_in, target, target_mask):
    memory, h = encode(source)
    all = []
    for t in range(target_in.shape[1]):
        h, z = step(target_in[:, t], h, memory, mask)
        all.append(z)
    l = F.cross_entropy(torch.stack(all, 1).reshape(-1, VT), target.reshape(-1), reduction='none').reshape(target.shape)
    w = target_mask.double()
    return (l * w).sum() / w.sum().clamp(min=1)


draw = lambda count, *shape: torch.tensor([rng.randrange(count) for _ in range(int(torch.Size(shape).numel()))]).reshape(shape)
before = lambda lengths, n: torch.tensor([[i < length for i in range(n)] for length in lengths])
source, mask = draw(VS, B, S), before([5, 3, 4], S)
target_in, target, target_mask = draw(VT, B, T), draw(VT, B, T), before([4, 2, 3], T)
texts = {}  # one of each length, of one text and of all
for count, begin, end in itertools.product((1, B), range(VT), range(VT)):
    one = translate(source[:count], mask[:count], begin, end)
    texts.setdefault((count, one['length']), one)
texts = list(texts.values())
for t in p.values():
    t.requires_grad_()
optimizer, losses = torch.optim.Adam(p.values(), 0.02), []
for _ in range(STEPS):
    optimizer.zero_grad()
    value = loss(source, mask, target_in, target, target_mask)
    value.backward()
    torch.nn.utils.clip_grad_norm_(p.values(), 1.0)
    optimizer.step()
    losses.append(float(value.detach()))
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'fixtures', 'seq2seq.json')
rows = lambda t: t.int().flatten().tolist()
with open(path, 'w') as f:
    json.dump({'made by': 'seq2seq_fixture.py, PyTorch %s' % torch.__version__.split('+')[0], 'source': rows(source), 'source_mask': rows(mask),
               'target_in': rows(target_in), 'target': rows(target), 'target_mask': rows(target_mask), 'texts': texts, 'losses': losses,
               'weights': {name: {'shape': list(t.shape), 'data': numbers(t)} for name, t in initial.items()}}, f)
print([t['length'] for t in texts], losses)
