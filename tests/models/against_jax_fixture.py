# Writes fixtures/against_jax.json: functions as graphs, and grad, jvp and hvp of each by JAX in f64. By hand:
#   python3 -m venv V && V/bin/pip install jax && V/bin/python tests/models/against_jax_fixture.py
import json, os, random
import jax
import jax.numpy as jnp

jax.config.update('jax_enable_x64', True)
rng = random.Random(17)


def normal(shape):
    count = 1
    for n in shape:
        count *= n
    return jnp.array([round(rng.gauss(0, 1), 6) for _ in range(count)]).reshape(shape)


def mlp(x, a, b, c):
    z = jnp.tanh(x @ a + b) @ c
    return -jnp.mean(jnp.sum(jax.nn.log_softmax(z) * jax.nn.softmax(x[:, :3]), axis=-1))


def attention(q, k, v):
    return jnp.sum(jax.nn.softmax(q @ k.T / 2) @ v * jnp.sin(q))


def layer_norm(x, g):
    centred = x - x.mean(-1, keepdims=True)
    return jnp.sum(jax.nn.gelu(centred * jax.lax.rsqrt(jnp.mean(centred**2, -1, keepdims=True) + 1e-5) * g, approximate=False)**2)


def image(x, w):
    y = jax.lax.conv_general_dilated(x, w, (2, 1), ((1, 1), (1, 1)), dimension_numbers=('NHWC', 'HWIO', 'NHWC'))
    return jnp.sum(jax.lax.reduce_window(jnp.tanh(y), -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), 'VALID')**3)


def elementwise(x, y):
    u = jnp.exp(x) + 2
    return jnp.sum(jnp.log(u) * u**0.7 + jnp.arctan(x * y) + jnp.where(x < y, x * x * y, jax.lax.erf(y)) + jnp.maximum(x, y) * jnp.sqrt(u))


def lines(x):
    return jnp.sum(jax.nn.logsumexp(x, axis=0)**2) + jnp.sum(jnp.cumsum(x, axis=1)**2 * jnp.sort(x, axis=1)) + jnp.prod(x[0])


def gathered(x, y):
    rows = x[jnp.array([2, 0, 2])]
    return jnp.sum(jnp.tanh(rows * y) @ rows.T) + jnp.sum(x.at[jnp.array([1, 1, 3])].add(y)**3)


CASES = [  # the function, its inputs, nodes and result in the graph language
    (mlp, {'x': (5, 4), 'a': (4, 6), 'b': (6,), 'c': (6, 3)}, [],
     '-mean(sum(log_softmax(matmul(tanh(matmul(x, a) + b), c)) * softmax(slice(x, start=0, stop=3, axis=1)), axis=-1))'),
    (attention, {'q': (4, 4), 'k': (5, 4), 'v': (5, 4)}, [],
     'sum(matmul(softmax(matmul(q, k, transpose_b=true) / 2), v) * sin(q))'),
    (layer_norm, {'x': (3, 8), 'g': (8,)}, [{'formula': 'x - mean(x, axis=-1, keep_dims=true)', 'out': 'm'}],
     'sum(square(gelu(m * rsqrt(mean(square(m), axis=-1, keep_dims=true) + 1e-5) * g)))'),
    (image, {'x': (2, 7, 6, 3), 'w': (3, 3, 3, 4)},
     [{'op': 'conv', 'in': ['x', 'w'], 'stride': [2, 1], 'padding': 1, 'out': 'y'},
      {'op': 'max_pool', 'in': 'tanh(y)', 'kernel': 2, 'stride': 2, 'out': 'p'}], 'sum(pow(p, 3))'),
    (elementwise, {'x': (7,), 'y': (7,)}, [{'formula': 'exp(x) + 2', 'out': 'u'}],
     'sum(log(u) * pow(u, 0.7) + atan(x * y) + select(x < y, x * x * y, erf(y)) + max(x, y) * sqrt(u))'),
    (lines, {'x': (3, 4)}, [],
     'sum(square(logsumexp(x, axis=0))) + sum(square(cumsum(x, axis=1)) * sort(x, axis=1)) + prod(slice(x, start=0, stop=1, axis=0))'),
    (gathered, {'x': (4, 3), 'y': (3, 3)},
     [{'op': 'gather', 'in': ['x', {'type': 'i32[3]', 'value': [2, 0, 2]}], 'axis': 0, 'out': 'r'},
      {'op': 'scatter_add', 'in': ['x', {'type': 'i32[3]', 'value': [1, 1, 3]}, 'y'], 'out': 's'}],
     'sum(matmul(tanh(r * y), r, transpose_b=true)) + sum(pow(s, 3))'),
]
flat = lambda t: [float(v) for v in jnp.ravel(t)]
cases = []
for function, shapes, nodes, result in CASES:
    inputs = {name: normal(shape) for name, shape in shapes.items()}
    along = {name: normal(shape) for name, shape in shapes.items()}
    f = lambda values: function(**values)
    value, tangent = jax.jvp(f, (inputs,), (along,))
    tensors = lambda prefix, tree: {prefix + name: flat(t) for name, t in tree.items()}
    cases.append({'name': function.__name__, 'nodes': nodes, 'result': result,
                  'inputs': {name: {'shape': list(t.shape), 'data': flat(t), 'along': flat(along[name])} for name, t in inputs.items()},
                  'outputs': {'grad': {'y': flat(value), **tensors('d_', jax.grad(f)(inputs))}, 'jvp': {'y': flat(value), 'd_y': flat(tangent)},
                              'hvp': {'y': flat(value), **tensors('hv_', jax.jvp(jax.grad(f), (inputs,), (along,))[1])}}})
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'fixtures', 'against_jax.json'), 'w') as out:
    json.dump({'cases': cases}, out, separators=(',', ':'))
    out.write('\n')
