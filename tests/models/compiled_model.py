# A library that graphc built and one model of it, called from Python as C calls them: what the tests that call libraries share.
import ctypes, json, os, re, subprocess
from tensor_files import parse_safetensors


class Options(ctypes.Structure):  # graphc_options
    _fields_ = [('size', ctypes.c_uint32), ('level', ctypes.c_uint32), ('seed', ctypes.c_uint64), ('context_bytes', ctypes.c_uint64),
                ('parallel_for', ctypes.c_void_p), ('pool', ctypes.c_void_p)]


def read_graph(name):
    """A graph of this folder, which may begin with lines of comments."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name + '.json')) as file:
        return json.loads(re.sub(r'^ *//.*', '', file.read(), flags=re.M))


def build(graphc, graph, folder, *options):
    """The library of the graph, or of the file of one, in the folder."""
    path = graph if isinstance(graph, str) else os.path.join(folder, graph['name'] + '.json')
    if path != graph:
        with open(path, 'w') as file:
            json.dump(graph, file)
    subprocess.run([graphc, 'build', path, '--target=native', '-o', folder, *options], check=True)


def array(kind):
    """What makes a tensor of this kind: of a list of elements, or of so many zeros."""
    return lambda elements: (kind * elements)() if isinstance(elements, int) else (kind * len(elements))(*elements)


doubles, floats, ints, bools = map(array, (ctypes.c_double, ctypes.c_float, ctypes.c_int32, ctypes.c_uint8))


class Model:
    """One model and one context of the library `name` in the folder. `pure`: it has no params, so entries take no model."""

    def __init__(self, folder, name, pure=False, **options):
        self.library, self.name, self.folder = ctypes.CDLL(os.path.join(folder, f'lib{name}.so')), name, folder
        self.model, self.context = ctypes.c_void_p(), ctypes.c_void_p()
        given = Options(size=ctypes.sizeof(Options), **options)
        for what, handle in (('model', self.model), ('context', self.context)):
            status = self.function(what + '_create_for')(ctypes.c_uint64(0), ctypes.byref(given), ctypes.byref(handle))
            assert status == 0, (what, status)
        self.first = [self.context] if pure else [self.context, self.model]

    def function(self, name):
        return getattr(self.library, f'{self.name}_{name}')

    def call(self, entry, *arguments, wanted=0):
        """Arrays are tensors and go with their bytes; scalars are ctypes' own, and ctypes.byref of one is a result."""
        given = list(self.first)
        for argument in arguments:
            given += [argument, ctypes.c_size_t(ctypes.sizeof(argument))] if isinstance(argument, ctypes.Array) else [argument]
        status = self.function(entry)(*given)
        assert status == wanted, (entry, status, wanted)

    def save(self, path):
        """The bytes of the file."""
        assert self.function('save')(self.model, path.encode()) == 0
        with open(path, 'rb') as file:
            return file.read()

    def load(self, path):
        assert self.function('load')(self.model, path.encode()) == 0

    def saved(self):
        """The bytes of each tensor, by its path."""
        return parse_safetensors(self.save(os.path.join(self.folder, 'saved')))

    def close(self):
        self.function('context_destroy')(self.context)
        self.function('model_destroy')(self.model)
