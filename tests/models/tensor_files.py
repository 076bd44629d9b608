# Tensors as flat lists, .npy and safetensors files of them: what the tests of whole models share. Plain Python, no NumPy.
import itertools, json, math, re, struct

KINDS = {'<f4': 'f', '<f8': 'd', '<f2': 'e', '<i4': 'i', '<i8': 'q', '|i1': 'b', '|u1': 'B', '|b1': 'B'}  # of .npy
CODES = {'F32': 'f', 'F64': 'd', 'F16': 'e', 'I64': 'q', 'I32': 'i', 'I8': 'b', 'U8': 'B'}  # of safetensors


class Tensor:
    def __init__(self, shape, data=None, dtype='F32'):
        self.shape, self.data, self.dtype = tuple(shape), data if data is not None else [0.0] * math.prod(shape), dtype

    def at(self, index):
        flat = 0
        for i, n in zip(index, self.shape):
            flat = flat * n + i
        return flat

    def __getitem__(self, index):
        return self.data[self.at(index)]

    def each(self):
        return itertools.product(*map(range, self.shape))


def make(shape, value, dtype='F32'):
    return Tensor(shape, [value(i) for i in itertools.product(*map(range, shape))], dtype)


def nested(data, shape):
    """As JSON has it: lists of lists."""
    if not shape:
        return data[0]
    part = len(data) // shape[0]
    return [nested(data[i * part:(i + 1) * part], shape[1:]) for i in range(shape[0])]


def single(x):
    """x rounded to f32."""
    return struct.unpack('f', struct.pack('f', x))[0]


def write_npy(path, t, kind):
    header = "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }" % (kind, ''.join('%d, ' % n for n in t.shape))
    header += ' ' * (63 - (10 + len(header)) % 64) + '\n'
    with open(path, 'wb') as f:
        f.write(b'\x93NUMPY\x01\x00' + struct.pack('<H', len(header)) + header.encode() + struct.pack('<%d%s' % (len(t.data), KINDS[kind]), *t.data))


def read_npy(path, kind='<f4'):
    with open(path, 'rb') as f:
        data = f.read()
    size = struct.unpack('<H', data[8:10])[0]
    header = data[10:10 + size].decode()
    shape = [int(n) for n in re.search(r"'shape': \(([^)]*)\)", header).group(1).replace(',', ' ').split()]
    assert "'%s'" % kind in header, header
    return Tensor(shape, list(struct.unpack('<%d%s' % (math.prod(shape), KINDS[kind]), data[10 + size:])))


def write_safetensors(path, tensors):
    header, body = {}, b''
    for name, t in tensors.items():
        raw = struct.pack('<%d%s' % (len(t.data), CODES[t.dtype]), *t.data)
        header[name] = {'dtype': t.dtype, 'shape': list(t.shape), 'data_offsets': [len(body), len(body) + len(raw)]}
        body += raw
    text = json.dumps(header).encode()
    with open(path, 'wb') as f:
        f.write(struct.pack('<Q', len(text)) + text + body)


def parse_safetensors(raw):
    """The bytes of each tensor of a file's content, by name."""
    size = struct.unpack('<Q', raw[:8])[0]
    return {name: raw[8 + size:][slice(*t['data_offsets'])] for name, t in json.loads(raw[8:8 + size]).items() if name != '__metadata__'}


def floats_of(raw):
    """f32 elements as numbers."""
    return struct.unpack('<%df' % (len(raw) // 4), raw)
