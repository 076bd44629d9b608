# Writes fixtures/precision.json: 20 training steps of the net of precision.py by PyTorch, in f32, under autocast to bf16, and to f16 with its
# GradScaler. By hand, see optimizers_fixture.py.
import json, os, random
import torch

rng = random.Random(8)
BATCH, IN, HIDDEN, OUT, STEPS, LR = 8, 24, 32, 5, 20, 0.01
normal = lambda *shape: torch.tensor([round(rng.gauss(0, 1), 5) for _ in range(int(torch.Size(shape).numel()))], dtype=torch.float32).reshape(shape)
centers = normal(OUT, IN)
label = [[rng.randrange(OUT) for _ in range(BATCH)] for _ in range(STEPS)]
x = [centers[torch.tensor(row)] + 0.5 * normal(BATCH, IN) for row in label]
initial = {'a': normal(IN, HIDDEN) / 5, 'b': normal(HIDDEN) / 10, 'scale': 1 + normal(HIDDEN) / 10, 'c': normal(HIDDEN, HIDDEN) / 6,
           'd': normal(HIDDEN, OUT) / 6, 'e': normal(OUT) / 10}


def train(dtype):
    p = {name: value.clone().requires_grad_() for name, value in initial.items()}
    optimizer = torch.optim.AdamW(p.values(), LR, weight_decay=0.01)
    scaler = torch.amp.GradScaler('cpu', enabled=dtype == torch.float16)
    losses = []
    for n in range(STEPS):
        optimizer.zero_grad()
        with torch.autocast('cpu', dtype=dtype or torch.bfloat16, enabled=dtype is not None):
            h = torch.nn.functional.gelu(x[n] @ p['a'] + p['b'])
            h = torch.nn.functional.layer_norm(h, (HIDDEN,), p['scale'], None)
            z = torch.relu(h @ p['c']) @ p['d'] + p['e']
            loss = torch.nn.functional.cross_entropy(z, torch.tensor(label[n]))
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        losses.append(round(float(loss.detach()), 7))
    return losses


path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'fixtures', 'precision.json')
numbers = lambda t: [float('%.7g' % v) for v in t.flatten().tolist()]
with open(path, 'w') as f:
    json.dump({'made by': 'precision_fixture.py, PyTorch %s' % torch.__version__.split('+')[0], 'x': [numbers(t) for t in x], 'label': label,
               'initial': {name: {'shape': list(value.shape), 'data': numbers(value)} for name, value in initial.items()},
               'f32': train(None), 'bf16': train(torch.bfloat16), 'f16': train(torch.float16)}, f)
    f.write('\n')
