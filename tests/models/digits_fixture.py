# Writes fixtures/digits.json: test accuracies of docs/examples/digits trained by PyTorch, five seeds, as the program there trains. By hand,
# see optimizers_fixture.py (needs numpy, too).
import json, os, sys
import torch

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, '..', '..', 'docs', 'examples', 'digits'))
from split import load

EPOCHS, BATCH, RATE, SEEDS = 60, 32, 1e-3, [0, 1, 2, 3, 4]
x, label, test_x, test_label = (torch.from_numpy(a) for a in load())
label, test_label = label.long(), test_label.long()
accuracies = []
for seed in SEEDS:
    torch.manual_seed(seed)
    net = torch.nn.Sequential(torch.nn.Linear(64, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
    for layer in (net[0], net[2]):  # as `dense` declares
        torch.nn.init.xavier_uniform_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
    optimizer = torch.optim.Adam(net.parameters(), RATE)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(label)).split(BATCH):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(net(x[batch]), label[batch]).backward()
            optimizer.step()
    accuracies.append(round(float((net(test_x).argmax(1) == test_label).double().mean()), 6))
with open(os.path.join(here, 'fixtures', 'digits.json'), 'w') as out:
    json.dump({'epochs': EPOCHS, 'batch': BATCH, 'seeds': SEEDS, 'accuracies': accuracies}, out)
    out.write('\n')
