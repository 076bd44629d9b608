# Writes fixtures/train_step.json: 20 training steps of an MLP by PyTorch in f64, per case the losses and the params at the end. By hand, see
# optimizers_fixture.py.
import json, os, random
import torch

rng = random.Random(5)
BATCH, IN, HIDDEN, OUT, STEPS = 8, 6, 20, 3, 20
normal = lambda *shape: torch.tensor([round(rng.gauss(0, 1), 6) for _ in range(int(torch.Size(shape).numel()))], dtype=torch.float64).reshape(shape)
x, label = normal(STEPS, BATCH, IN), [[rng.randrange(OUT) for _ in range(BATCH)] for _ in range(STEPS)]
initial = {'a': normal(IN, HIDDEN) / 2, 'b': normal(HIDDEN) / 10, 'c': normal(HIDDEN, OUT) / 2, 'd': normal(OUT) / 10}
O = torch.optim
CASES = [  # what the graph says; the optimizer of the params, the rate of a step, clipping
    ({'optimizer': {'op': 'sgd', 'lr': 0.1, 'momentum': 0.9}}, lambda p: O.SGD(p.values(), 0.1, momentum=0.9), None, None, None),
    ({'optimizer': {'op': 'adam', 'lr': 0.01}}, lambda p: O.Adam(p.values(), 0.01), None, None, None),
    ({'optimizer': {'op': 'adamw', 'lr': 0.01, 'weight_decay': 0.1}, 'groups': [{'params': ['net.b', 'net.d'], 'weight_decay': 0, 'lr': 0.02}],
      'clip_norm': 0.5},
     lambda p: O.AdamW([{'params': [p['a'], p['c']]}, {'params': [p['b'], p['d']], 'weight_decay': 0, 'lr': 0.02}], 0.01, weight_decay=0.1),
     None, 0.5, None),
    ({'optimizer': {'op': 'sgd', 'lr': 0.2}, 'schedule': 'warm', 'clip_value': 0.05}, lambda p: O.SGD(p.values(), 0.2), lambda n: min(1, (n + 1) / 5), None, 0.05),
    ({'optimizer': {'op': 'rmsprop', 'lr': '0.5 * rate'}, 'inputs': {'rate': 'f32[]'}, 'wrt': ['net.*', '!net.b']},
     lambda p: O.RMSprop([p['a'], p['c'], p['d']], 0.01), None, None, None),
    ({'optimizer': {'op': 'adam', 'lr': 0.02}, 'accumulate': 4, 'clip_norm': 0.3}, lambda p: O.Adam(p.values(), 0.02), None, 0.3, None),
    ({'optimizer': {'op': 'sgd', 'lr': 0.1, 'momentum': 0.9}, 'microbatches': {'dim': 'B', 'count': 4}, 'clip_norm': 0.5},
     lambda p: O.SGD(p.values(), 0.1, momentum=0.9), None, 0.5, None),
    ({'optimizer': {'op': 'adamw', 'lr': 0.02}, 'microbatches': {'dim': 'B', 'count': 2}, 'accumulate': 3, 'schedule': 'warm'},
     lambda p: O.AdamW(p.values(), 0.02), lambda n: min(1, (n + 1) / 5), None, None),
]
cases = []
for graph, make, schedule, clip_norm, clip_value in CASES:
    p = {name: value.clone().requires_grad_() for name, value in initial.items()}
    optimizer = make(p)
    base = [group['lr'] for group in optimizer.param_groups]
    every, updates = graph.get('accumulate', 1), 0
    losses, norms = [], []
    for n in range(STEPS):
        for group, rate in zip(optimizer.param_groups, base):
            group['lr'] = rate * (schedule(updates) if schedule else 1)
        if n % every == 0:
            optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(torch.tanh(x[n] @ p['a'] + p['b']) @ p['c'] + p['d'], torch.tensor(label[n]))
        (loss / every).backward()
        trained = [value for group in optimizer.param_groups for value in group['params']]
        norms.append(float(torch.sqrt(sum((value.grad ** 2).sum() for value in trained))))
        losses.append(float(loss.detach()))
        if (n + 1) % every:
            continue
        updates += 1
        if clip_norm:
            torch.nn.utils.clip_grad_norm_(trained, clip_norm)
        if clip_value:
            torch.nn.utils.clip_grad_value_(trained, clip_value)
        optimizer.step()
    rounded = lambda values: [round(v, 9) for v in values]
    cases.append({'graph': graph, 'losses': rounded(losses), 'norms': rounded(norms),
                  'params': {name: rounded(value.detach().flatten().tolist()) for name, value in p.items()}})
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'fixtures', 'train_step.json')
with open(path, 'w') as f:
    f.write('{\n "made by": "train_step_fixture.py, PyTorch %s",\n' % torch.__version__.split('+')[0])
    f.write(' "x": %s,\n "label": %s,\n "initial": %s,\n "cases": [\n' % (
        json.dumps(x.reshape(STEPS, -1).tolist()), json.dumps(label),
        json.dumps({name: {'shape': list(value.shape), 'data': [round(v, 9) for v in value.flatten().tolist()]} for name, value in initial.items()})))
    f.write(',\n'.join('  ' + json.dumps(case) for case in cases) + '\n ]\n}\n')
