# A library that graphc built and one model of it, called from Python as C calls them: what the tests of models that change share.
import ctypes, json, os, subprocess
from tensor_files import parse_safetensors


class Options(ctypes.Structure):  # graphc_options
    _fields_ = [('size', ctypes.c_uint32), ('level', ctypes.c_uint32), ('seed', ctypes.c_uint64), ('context_bytes', ctypes.c_uint64),
                ('parallel_for', ctypes.c_void_p), ('pool', ctypes.c_void_p)]


def build(graphc, graph, folder, *options):
    """The library of the graph, in the folder."""
    path = os.path.join(folder, graph['name'] + '.json')
    with open(path, 'w') as file:
        json.dump(graph, file)
    subprocess.run([graphc, 'build', path, '--target=native', '-o', folder, *options], check=True)


def sized(array):
    """The two arguments that a tensor is."""
    return array, ctypes.c_size_t(ctypes.sizeof(array))


class Model:
    """One model and one context of the library `name` in the folder."""

    def __init__(self, folder, name, **options):
        self.library, self.name, self.folder = ctypes.CDLL(os.path.join(folder, f'lib{name}.so')), name, folder
        self.model, self.context = ctypes.c_void_p(), ctypes.c_void_p()
        given = Options(size=ctypes.sizeof(Options), **options)
        for what, handle in (('model', self.model), ('context', self.context)):
            status = self.function(what + '_create_for')(ctypes.c_uint64(0), ctypes.byref(given), ctypes.byref(handle))
            assert status == 0, (what, status)

    def function(self, name):
        return getattr(self.library, f'{self.name}_{name}')

    def call(self, entry, *arguments, wanted=0):
        status = self.function(entry)(self.context, self.model, *arguments)
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
