# custom_derivative.json compiled: values, first and second derivatives, against closed forms; and that the rules took the steps' place.
#   custom_derivative.py GRAPHC
import math, os, subprocess, sys, tempfile
from tensor_files import Tensor, read_npy, write_npy

GRAPH = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'custom_derivative.json')


def main():
    graphc, bad = sys.argv[1], 0
    with tempfile.TemporaryDirectory() as work:
        def call(entry, inputs, level):
            os.makedirs(work + '/in', exist_ok=True)
            for name, (tensor, kind) in inputs.items():
                write_npy('%s/in/%s.npy' % (work, name), tensor, kind)
            out = work + '/' + entry
            subprocess.run([graphc, 'run', GRAPH, '--entry', entry, '--inputs', work + '/in', '--outputs', out, '-O' + level], check=True)
            return lambda name, kind: read_npy('%s/%s.npy' % (out, name), kind).data

        for a, level in (2.0, '2'), (1e-4, '2'), (9e6, '0'):
            point, root = {'a': (Tensor((), [a]), '<f8')}, math.sqrt(a)
            got = [call('root', point, level)('y', '<f8')[0], *(call('slope', point, level)(name, '<f8')[0] for name in ('y', 'd_a')),
                   call('curvature', point, level)('dd_a', '<f8')[0]]
            for value, wanted in zip(got, [root, root, 1 / (2 * root), -1 / (4 * a * root)]):
                if abs(value - wanted) > 1e-13 * abs(wanted):
                    print('a = %r: %r, not %r' % (a, value, wanted))
                    bad += 1
        x, pull = [-1.6, 0.5, 2.4], [1.0, -2.0, 3.0]
        result = call('quantizer_pull', {'x': (Tensor((3,), x), '<f4'), 'd_y': (Tensor((3,), pull), '<f4')}, '2')
        if result('y', '<f4') != [-2, 0, 2] or result('d_x', '<f4') != pull:
            print('quantizer_pull:', result('y', '<f4'), result('d_x', '<f4'))
            bad += 1
        # No step is derived: a slope costs the root and a division.
        text = subprocess.run([graphc, 'build', GRAPH, '--stop-after=optimize'], check=True, capture_output=True, text=True).stdout
        slope = text[text.index('@slope('):]
        if slope[:slope.index('return')].count(' = graph.') > 6:
            print('the slope goes through the steps:', slope)
            bad += 1
    return bad != 0


sys.exit(main())
