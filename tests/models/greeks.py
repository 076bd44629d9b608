# greeks.json: the derivatives of the Black-Scholes price, first and second, compiled, against their closed forms.
#   greeks.py GRAPHC
import math, os, random, subprocess, sys, tempfile
from tensor_files import Tensor, make, read_npy, write_npy

GRAPH = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'greeks.json')
rng = random.Random(3)


def closed_forms(s, k, v, t, r):
    """delta, vega, -theta, gamma; and the Hessian in spot and volatility."""
    root = math.sqrt(t)
    d1 = (math.log(s / k) + (r + v * v / 2) * t) / (v * root)
    d2 = d1 - v * root
    normal = lambda x: (1 + math.erf(x / math.sqrt(2))) / 2
    density = math.exp(-d1 * d1 / 2) / math.sqrt(2 * math.pi)
    vega = s * density * root
    theta = s * density * v / (2 * root) + r * k * math.exp(-r * t) * normal(d2)
    return normal(d1), vega, theta, density / (s * v * root), -density * d2 / v, vega * d1 * d2 / v


def main():
    graphc, bad = sys.argv[1], 0
    for n, level in (37, '2'), (1, '0'):
        data = {'s': (80, 120), 'k': (90, 110), 'v': (0.1, 0.4), 't': (0.2, 2), 'v_s': (-1, 1), 'v_v': (-1, 1)}
        x = {name: make((n,), lambda i: rng.uniform(*bounds)) for name, bounds in data.items()}
        x['r'] = Tensor((), [0.03])
        with tempfile.TemporaryDirectory() as work:
            os.makedirs(work + '/in')
            for name, tensor in x.items():
                write_npy('%s/in/%s.npy' % (work, name), tensor, '<f8')
            got = {}
            for entry in 'greeks', 'gamma', 'cross':
                out = '%s/%s' % (work, entry)
                subprocess.run([graphc, 'run', GRAPH, '--entry', entry, '--inputs', work + '/in', '--outputs', out, '-O' + level], check=True)
                for file in os.listdir(out):
                    got[file[:-4]] = read_npy(out + '/' + file, '<f8').data
        for i in range(n):
            at = {name: tensor.data[i if tensor.shape else 0] for name, tensor in x.items()}
            delta, vega, theta, gamma, vanna, volga = closed_forms(*(at[name] for name in ('s', 'k', 'v', 't', 'r')))
            wanted = {'d_s': delta, 'd_v': vega, 'd_t': theta, 'gamma': gamma, 'hv_s': gamma * at['v_s'] + vanna * at['v_v'],
                      'hv_v': vanna * at['v_s'] + volga * at['v_v']}
            for name, value in wanted.items():
                if abs(got[name][i] - value) > 1e-10 * max(1, abs(value)):
                    print('N = %d, -O%s, %s[%d]: %r, not %r' % (n, level, name, i, got[name][i], value))
                    bad += 1
    return bad != 0


sys.exit(main())
