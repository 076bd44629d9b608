# Writes fixtures/optimizers.json: 20 steps of each optimizer in f64, by PyTorch or, where it has none, by the paper's formulas. By hand:
#   python3 -m venv V && V/bin/pip install torch && V/bin/python tests/models/optimizers_fixture.py
import json, os, random
import torch

rng = random.Random(11)
SIZE, STEPS, LR = 12, 20, 0.05
curve = [rng.uniform(0.2, 3) for _ in range(SIZE)]  # the gradient of p is curve p - pull
pull = [rng.gauss(0, 1) for _ in range(SIZE)]
rates = [LR * (1 + 0.5 * (i % 3)) for i in range(STEPS)]


class Lion(torch.optim.Optimizer):  # Chen et al. 2023, algorithm 2
    def step(self):
        for group in self.param_groups:
            for p in group['params']:
                m = self.state[p].setdefault('m', torch.zeros_like(p))
                way = torch.sign(group['beta1'] * m + (1 - group['beta1']) * p.grad)
                p.data -= group['lr'] * (way + group['weight_decay'] * p.data)
                m.mul_(group['beta2']).add_((1 - group['beta2']) * p.grad)


class Lamb(torch.optim.Optimizer):  # You et al. 2020, algorithm 2, phi the identity
    def step(self):
        for group in self.param_groups:
            for p in group['params']:
                s = self.state[p]
                m, v = s.setdefault('m', torch.zeros_like(p)), s.setdefault('v', torch.zeros_like(p))
                s['n'] = s.get('n', 0) + 1
                m.mul_(group['beta1']).add_((1 - group['beta1']) * p.grad)
                v.mul_(group['beta2']).add_((1 - group['beta2']) * p.grad ** 2)
                way = m / (1 - group['beta1'] ** s['n']) / (torch.sqrt(v / (1 - group['beta2'] ** s['n'])) + group['eps'])
                way = way + group['weight_decay'] * p.data
                p.data -= group['lr'] * p.data.norm() / way.norm() * way


O = torch.optim
CASES = [  # graphc's op and attributes, what makes the same in PyTorch
    ('sgd', {}, lambda p: O.SGD(p, LR)),
    ('sgd', {'momentum': 0.9, 'weight_decay': 0.1}, lambda p: O.SGD(p, LR, momentum=0.9, weight_decay=0.1)),
    ('sgd', {'momentum': 0.8, 'nesterov': True}, lambda p: O.SGD(p, LR, momentum=0.8, nesterov=True)),
    ('adam', {}, lambda p: O.Adam(p, LR)),
    ('adam', {'beta1': 0.5, 'beta2': 0.9, 'eps': 1e-3, 'weight_decay': 0.1}, lambda p: O.Adam(p, LR, (0.5, 0.9), 1e-3, weight_decay=0.1)),
    ('adamw', {}, lambda p: O.AdamW(p, LR)),
    ('adamw', {'beta2': 0.95, 'weight_decay': 0.3}, lambda p: O.AdamW(p, LR, (0.9, 0.95), weight_decay=0.3)),
    ('adagrad', {}, lambda p: O.Adagrad(p, LR)),
    ('adagrad', {'weight_decay': 0.1, 'eps': 1e-2}, lambda p: O.Adagrad(p, LR, weight_decay=0.1, eps=1e-2)),
    ('rmsprop', {}, lambda p: O.RMSprop(p, LR)),
    ('rmsprop', {'decay': 0.9, 'momentum': 0.5, 'weight_decay': 0.1}, lambda p: O.RMSprop(p, LR, 0.9, momentum=0.5, weight_decay=0.1)),
    ('lion', {'weight_decay': 0.1}, lambda p: Lion(p, dict(lr=LR, beta1=0.9, beta2=0.99, weight_decay=0.1))),
    ('lamb', {'weight_decay': 0.1}, lambda p: Lamb(p, dict(lr=LR, beta1=0.9, beta2=0.999, eps=1e-6, weight_decay=0.1))),
]
cases = []
for op, attributes, make in CASES:
    p = torch.ones(SIZE, dtype=torch.float64, requires_grad=True)
    optimizer, steps = make([p]), []
    for rate in rates:
        for group in optimizer.param_groups:
            group['lr'] = rate
        p.grad = torch.tensor(curve, dtype=torch.float64) * p.detach() - torch.tensor(pull, dtype=torch.float64)
        optimizer.step()
        steps.append([round(v, 9) for v in p.detach().tolist()])
    cases.append({'op': op, 'attributes': attributes, 'after': {str(n): steps[n - 1] for n in (1, 2, STEPS)}})
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'fixtures', 'optimizers.json')
rounded = lambda list_: [round(v, 9) for v in list_]
with open(path, 'w') as f:
    f.write('{\n "made by": "optimizers_fixture.py, PyTorch %s",\n' % torch.__version__.split('+')[0])
    f.write(' "curve": %s,\n "pull": %s,\n "rates": %s,\n "cases": [\n' % (json.dumps(rounded(curve)), json.dumps(rounded(pull)), json.dumps(rounded(rates))))
    f.write(',\n'.join('  ' + json.dumps(case) for case in cases) + '\n ]\n}\n')
