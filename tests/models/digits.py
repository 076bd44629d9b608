# docs/examples/digits, trained from C: five seeds, on average at least PyTorch's accuracy (digits_fixture.py) minus 0.5 points; the same bits
# with one thread and two, and stopped in the middle, saved, loaded and gone on.
#   digits.py GRAPHC
import ctypes, json, os, random, subprocess, sys, tempfile
from compiled_model import Model, build, floats, ints
from tensor_files import read_npy

graphc = sys.argv[1]
here = os.path.dirname(os.path.abspath(__file__))
example = os.path.join(here, '..', '..', 'docs', 'examples', 'digits')
fixture = json.load(open(os.path.join(here, 'fixtures', 'digits.json')))
MOST = 512  # the largest batch that digits.json allows: large enough for work to be shared


ParallelFor = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)
shared = 0  # regions whose work was given to a pool


@ParallelFor
def counted(pool, body, env, count):
    global shared
    shared += 1
    library.digits_parallel_for(ctypes.c_void_p(pool), ctypes.c_void_p(body), ctypes.c_void_p(env), ctypes.c_int64(count))


class Net(Model):
    def __init__(self, seed, threads=1):
        team, pool = {}, ctypes.c_void_p()
        if threads > 1:
            assert library.digits_pool_create(threads, ctypes.byref(pool)) == 0
            team = {'parallel_for': ctypes.cast(counted, ctypes.c_void_p), 'pool': pool}
        super().__init__(folder, 'digits', seed=seed, **team)

    def on(self, entry, x, label):
        loss, accuracy = ctypes.c_float(), ctypes.c_float()
        self.call(entry, ctypes.c_int64(len(label)), floats([v for row in x for v in row]), ints(label), ctypes.byref(loss), ctypes.byref(accuracy))
        return accuracy.value

    def epoch(self, order, batch):
        for begin in range(0, len(order), batch):
            part = order[begin:begin + batch]
            self.on('train_step', [train_x[i] for i in part], [train_label[i] for i in part])


failed = 0
with tempfile.TemporaryDirectory() as folder:
    path = lambda name: os.path.join(folder, name)
    subprocess.run(['/usr/bin/python3', os.path.join(example, 'split.py'), folder], check=True)
    build(graphc, os.path.join(example, 'digits.json'), folder)
    library = ctypes.CDLL(path('libdigits.so'))
    rows = lambda t: [t.data[64 * i:64 * i + 64] for i in range(t.shape[0])]
    train_x, train_label = rows(read_npy(path('train_x.npy'))), read_npy(path('train_label.npy'), '<i4').data
    test_x, test_label = rows(read_npy(path('test_x.npy'))), read_npy(path('test_label.npy'), '<i4').data

    accuracies = []
    for seed in fixture['seeds']:
        net, shuffle, order = Net(seed), random.Random(seed), list(range(len(train_label)))
        for _ in range(fixture['epochs']):
            shuffle.shuffle(order)
            net.epoch(order, fixture['batch'])
        accuracies.append(net.on('loss', test_x, test_label))
    mean = lambda values: sum(values) / len(values)
    print('accuracy, five seeds: %.2f%%, PyTorch %.2f%%' % (100 * mean(accuracies), 100 * mean(fixture['accuracies'])))
    if len(set(accuracies)) == 1 or mean(accuracies) < mean(fixture['accuracies']) - 0.005:
        print('too low, or the seed changes nothing:', accuracies)
        failed = 1

    order = list(range(len(train_label)))
    runs = {}
    for threads in (1, 2):
        net = Net(7, threads)
        for _ in range(4):
            net.epoch(order, MOST)
        runs[f'{threads} threads'] = net.save(path('weights'))
    first, second = Net(7), Net(8)
    for _ in range(2):
        first.epoch(order, MOST)
    first.save(path('middle'))
    second.load(path('middle'))
    for _ in range(2):
        second.epoch(order, MOST)
    runs['gone on'] = second.save(path('weights'))
    for name, bits in runs.items():
        if bits != runs['1 threads']:
            print(f'{name}: other bits')
            failed = 1
    if not shared:
        print('no work of a step was given to the pool')
        failed = 1
sys.exit(failed)
