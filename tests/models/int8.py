# int8.json with random weights: every result is exact, so the compiled library must give these very numbers.
#   int8.py GRAPHC
import os, random, shutil, subprocess, sys, tempfile
from tensor_files import Tensor, make, read_npy, single, write_npy, write_safetensors

rng = random.Random(7)


def weights(path, n, units):
    return {path + '.weight': make((n, units), lambda i: rng.randint(-128, 127), 'I8'),
            path + '.weight_scale': make((units,), lambda i: single(rng.uniform(0.001, 0.01))),
            path + '.x_scale': Tensor((), [single(rng.uniform(0.02, 0.05))]),
            path + '.bias': make((units,), lambda i: rng.randint(-2000, 2000), 'I32')}


def dense(x, p):
    """Each step rounded as f32 does: quotients and products of two singles are exact in double or round alike."""
    (rows, n), units, scale = x.shape, len(p['bias'].data), p['x_scale'].data[0]
    q = make(x.shape, lambda i: max(-128, min(127, round(single(x[i] / scale)))))
    acc = make((rows, units), lambda i: sum(q[i[0], k] * p['weight'][k, i[1]] for k in range(n)))
    step = [single(s * scale) for s in p['weight_scale'].data]
    return make(acc.shape, lambda i: single(single(acc[i] + p['bias'].data[i[1]]) * step[i[1]])), acc


def main():
    graphc, bad = sys.argv[1], 0
    p = {**weights('net.h', 100, 33), **weights('net.z', 33, 10)}
    with tempfile.TemporaryDirectory() as work:
        shutil.copy(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'int8.json'), work)
        write_safetensors(work + '/int8.safetensors', p)
        for rows, level in (1, '2'), (5, '0'), (64, '2'):
            x = make((rows, 100), lambda i: single(rng.gauss(0, 2)))
            h, acc = dense(x, {k: p['net.h.' + k] for k in ('weight', 'weight_scale', 'x_scale', 'bias')})
            z, last = dense(make(h.shape, lambda i: max(0.0, h[i])), {k: p['net.z.' + k] for k in ('weight', 'weight_scale', 'x_scale', 'bias')})
            best = make((rows,), lambda i: max(range(10), key=lambda c: z[i[0], c]))
            os.makedirs(work + '/in', exist_ok=True)
            write_npy(work + '/in/x.npy', x, '<f4')
            subprocess.run([graphc, 'run', work + '/int8.json', '--inputs', work + '/in', '--outputs', work + '/out', '-O' + level], check=True)
            for name, wanted, kind in ('acc', acc, '<i4'), ('last', last, '<i4'), ('z', z, '<f4'), ('class', best, '<i4'):
                got = read_npy('%s/out/%s.npy' % (work, name), kind)
                if (got.shape, got.data) != (wanted.shape, wanted.data):
                    bad += 1
                    print('%s differs for %d rows at -O%s' % (name, rows, level))
    sys.exit(1 if bad else 0)


main()
