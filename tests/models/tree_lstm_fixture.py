# Writes fixtures/tree_lstm.json: a binary TreeLSTM by PyTorch, in f64, that walks each tree in Python: scores and gradients of one tree, and
# 20 training steps with Adagrad over trees of several shapes. By hand, with PyTorch (tried with 2.x): python3 tree_lstm_fixture.py
import json, os, random
import torch

rng = random.Random(7)
WORDS, UNITS, CLASSES, STEPS = 12, 5, 5, 20
normal = lambda *shape: torch.tensor([round(rng.gauss(0, 0.5), 6) for _ in range(int(torch.Size(shape).numel()))], dtype=torch.float64).reshape(shape)
initial = {'tree.e.weight': normal(WORDS, UNITS), 'tree.leaf.weight': normal(UNITS, 3 * UNITS), 'tree.leaf.bias': normal(3 * UNITS),
           'tree.inner.weight': normal(2 * UNITS, 5 * UNITS), 'tree.inner.bias': normal(5 * UNITS),
           'classify.z.weight': normal(UNITS, CLASSES), 'classify.z.bias': normal(CLASSES)}


def random_tree(leaves):
    """The root, and per node its word and children; a leaf has left = -1. Nodes stand in no particular order."""
    word, left, right = [], [], []

    def grow(count):
        at = len(word)
        word.append(rng.randrange(WORDS)), left.append(-1), right.append(-1)
        if count > 1:
            first = rng.randint(1, count - 1)
            left[at], right[at] = grow(first), grow(count - first)
        return at
    root = grow(leaves)
    order = list(range(len(word)))
    rng.shuffle(order)  # where each node goes
    place = lambda nodes: [nodes[order.index(i)] for i in range(len(nodes))]
    moved = lambda children: [order[c] if c >= 0 else -1 for c in place(children)]
    return {'root': order[root], 'word': place(word), 'left': moved(left), 'right': moved(right), 'label': rng.randrange(CLASSES)}


def scores(p, tree):
    def visit(node):
        if tree['left'][node] < 0:
            i, o, u = torch.split(p['tree.e.weight'][tree['word'][node]] @ p['tree.leaf.weight'] + p['tree.leaf.bias'], UNITS)
            c = torch.sigmoid(i) * torch.tanh(u)
        else:
            hl, cl = visit(tree['left'][node])
            hr, cr = visit(tree['right'][node])
            i, o, u, fl, fr = torch.split(torch.cat([hl, hr]) @ p['tree.inner.weight'] + p['tree.inner.bias'], UNITS)
            c = torch.sigmoid(i) * torch.tanh(u) + torch.sigmoid(fl) * cl + torch.sigmoid(fr) * cr
        return torch.sigmoid(o) * torch.tanh(c), c
    return visit(tree['root'])[0] @ p['classify.z.weight'] + p['classify.z.bias']


def loss_of(p, tree):
    return torch.nn.functional.cross_entropy(scores(p, tree), torch.tensor(tree['label']))


rounded = lambda t: [round(v, 10) for v in t.flatten().tolist()]
sizes = [1, 2, 3, 5, 8, 13, 40]
trees = [random_tree(n) for n in sizes]
p = {name: value.clone().requires_grad_() for name, value in initial.items()}
checked = []
for tree in trees:
    loss = loss_of(p, tree)
    gradients = torch.autograd.grad(loss, list(p.values()), allow_unused=True)
    checked.append({'z': rounded(scores(p, tree).detach()), 'loss': round(float(loss.detach()), 10),
                    'gradients': {name: rounded(g if g is not None else torch.zeros_like(p[name])) for name, g in zip(p, gradients)}})
optimizer = torch.optim.Adagrad(p.values(), 0.05)
losses = []
for n in range(STEPS):
    optimizer.zero_grad()
    loss = loss_of(p, trees[n % len(trees)])
    loss.backward()
    losses.append(round(float(loss.detach()), 10))
    optimizer.step()
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'fixtures', 'tree_lstm.json')
with open(path, 'w') as f:
    f.write('{\n "made by": "tree_lstm_fixture.py, PyTorch %s",\n "words": %d, "units": %d,\n "losses": %s,\n' %
            (torch.__version__.split('+')[0], WORDS, UNITS, json.dumps(losses)))
    f.write(' "initial": %s,\n' % json.dumps({name: {'shape': list(v.shape), 'data': rounded(v)} for name, v in initial.items()}))
    f.write(' "end": %s,\n' % json.dumps({name: rounded(v.detach()) for name, v in p.items()}))
    f.write(' "trees": [\n' + ',\n'.join('  ' + json.dumps(tree) for tree in trees) + '\n ],\n')
    f.write(' "checked": [\n' + ',\n'.join('  ' + json.dumps(one) for one in checked) + '\n ]\n}\n')
