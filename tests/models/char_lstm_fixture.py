# Writes fixtures/char_lstm.json: weights of the small char_lstm.json, logits, gradients and the losses of training steps (Adam, clipped) on the
# text of LICENSE, by PyTorch's own LSTM and GRU. By hand, in a Python with torch (2.6): python char_lstm_fixture.py
import json, os, random
import torch
import torch.nn.functional as F

V, E, U, B, T, STEPS, CLIP = 32, 6, 8, 3, 9, 12, 0.3
here = os.path.dirname(os.path.abspath(__file__))
rng = random.Random(21)
rounded = lambda t: [float('%.8g' % v) for v in t.flatten().tolist()]
with open(os.path.join(here, '..', '..', 'LICENSE')) as file:
    text = [ord(c) & V - 1 for c in file.read()]


def batch(step):  # as char_lstm.py
    starts = [(step * 211 + row * 997) % (len(text) - T - 1) for row in range(B)]
    return [torch.tensor([text[s + shift:s + shift + T] for s in starts]) for shift in (0, 1)]


def normal(*shape, scale=1.0):
    return torch.tensor([round(rng.gauss(0, scale), 4) for _ in range(int(torch.Size(shape).numel()))], dtype=torch.float64).reshape(shape)


lstm = {'lm.e.weight': normal(V, E), 'lm.rnn.weight': normal(E, 4 * U, scale=0.5), 'lm.rnn.recurrent': normal(U, 4 * U, scale=0.5),
        'lm.rnn.bias': normal(4 * U, scale=0.3), 'lm.z.weight': normal(U, V, scale=0.4), 'lm.z.bias': normal(V, scale=0.2)}
gru = {'gru_by_hand.e.weight': normal(V, E), 'gru_by_hand.w': normal(E, 3 * U, scale=0.5), 'gru_by_hand.r': normal(U, 3 * U, scale=0.5),
       'gru_by_hand.z.weight': normal(U, V, scale=0.4), 'gru_by_hand.z.bias': normal(V, scale=0.2)}


def run(p, ids):
    """Logits: the recurrence is PyTorch's module with these params in its layout."""
    own = list(p.values())
    x, kind = own[0][ids], torch.nn.LSTM if len(p) == 6 else torch.nn.GRU
    if kind is torch.nn.LSTM:  # gates i f g o in both
        weights = {'weight_ih_l0': own[1].T, 'weight_hh_l0': own[2].T, 'bias_ih_l0': own[3], 'bias_hh_l0': torch.zeros_like(own[3])}
    else:  # the graph's u is PyTorch's z, and stands first; PyTorch has r first
        swap = lambda m: torch.cat([m[:, U:2 * U], m[:, :U], m[:, 2 * U:]], 1).T
        weights = {'weight_ih_l0': swap(own[1]), 'weight_hh_l0': swap(own[2])}
    module = kind(E, U, batch_first=True, bias=len(weights) == 4, dtype=torch.float64)
    hs, _ = torch.func.functional_call(module, weights, (x,))
    return hs @ own[-2] + own[-1]


def loss_of(p, ids, target):
    return F.cross_entropy(run(p, ids).reshape(-1, V), target.reshape(-1))


result = {'made by': 'char_lstm_fixture.py, PyTorch %s' % torch.__version__.split('+')[0], 'sizes': {'V': V, 'E': E, 'U': U}, 'batch': B, 'time': T, 'clip': CLIP}
for name, initial in ('lm', lstm), ('gru_by_hand', gru):
    p = {path: value.clone().requires_grad_() for path, value in initial.items()}
    ids, target = batch(0)
    loss = loss_of(p, ids, target)
    gradients = torch.autograd.grad(loss, list(p.values()))
    one = {'weights': {path: {'shape': list(value.shape), 'data': rounded(value)} for path, value in initial.items()},
           'logits': rounded(run(p, ids)), 'gradients': {path: rounded(g) for path, g in zip(p, gradients)}, 'losses': []}
    optimizer = torch.optim.Adam(p.values(), 2e-3)
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = loss_of(p, *batch(step))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(p.values(), CLIP)
        optimizer.step()
        one['losses'].append(float(loss.detach()))
    one['end'] = {path: rounded(value.detach()) for path, value in p.items()}
    result[name] = one
    print(name, one['losses'][0], one['losses'][-1], float(sum(g.square().sum() for g in gradients).sqrt()))
with open(os.path.join(here, 'fixtures', 'char_lstm.json'), 'w') as file:
    json.dump(result, file)
