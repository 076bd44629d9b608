"""Runs one function of a module in the LLVM dialect and prints its outputs, one per line.

usage: run_lowered.py SYMBOL ARGUMENT... < module.mlir
  f32=1,-2.5,nan   a buffer with these elements (f64 f32 f16 bf16 i8 i16 i32 i64); "f32=" is empty
  f32~40           a buffer of forty elements: -11, -4, 3, 10, -6, ... (x / 4 for floats)
  f32:7            a buffer of seven elements that is printed after the call
  params:64        a block of zeros;  arena: 1 MiB;  status: an i32 that is printed
  dim:5            the value of a named dim; with dims the arena has as many bytes as SYMBOL.arena_bytes asks for
Buffers end where an unreadable page begins, so that any access past the end is a crash; outputs and the arena begin as
0xff. --opt=N is the optimization level of the code (default 2).
"""
import ctypes
import mmap
import struct
import subprocess
import sys
import tempfile

CODES = {"f64": "d", "f32": "f", "f16": "e", "i8": "b", "i16": "h", "i32": "i", "i64": "q"}


def to_bytes(dtype, texts):
    if dtype == "bf16":
        return b"".join(struct.pack("<f", float(text))[2:] for text in texts)
    parse = float if dtype[0] == "f" else int
    return struct.pack(f"<{len(texts)}{CODES[dtype]}", *map(parse, texts))


def to_texts(dtype, data):
    if dtype == "bf16":
        data = b"".join(b"\0\0" + data[i : i + 2] for i in range(0, len(data), 2))
        dtype = "f32"
    values = struct.unpack(f"<{len(data) // struct.calcsize(CODES[dtype])}{CODES[dtype]}", data)
    return [f"{value:g}" if dtype[0] == "f" else str(value) for value in values]


class Guarded:
    """Memory whose last byte is the last of a readable page."""

    def __init__(self, data):
        pages = -(-max(len(data), 1) // mmap.PAGESIZE)
        self.map = mmap.mmap(-1, (pages + 1) * mmap.PAGESIZE)
        start = ctypes.addressof(ctypes.c_char.from_buffer(self.map))
        libc = ctypes.CDLL(None, use_errno=True)
        assert libc.mprotect(ctypes.c_void_p(start + pages * mmap.PAGESIZE), mmap.PAGESIZE, 0) == 0
        self.size, self.address = len(data), start + pages * mmap.PAGESIZE - len(data)
        ctypes.memmove(self.address, data, len(data))

    def bytes(self):
        return ctypes.string_at(self.address, self.size)


def build(text, level):
    ir = subprocess.run(["mlir-translate", "--mlir-to-llvmir", "--allow-unregistered-dialect"], input=text, stdout=subprocess.PIPE, check=True).stdout
    library = tempfile.NamedTemporaryFile(suffix=".so")
    subprocess.run(["clang", f"-O{level}", "-w", "-fPIC", "-shared", "-x", "ir", "-", "-o", library.name], input=ir, check=True)
    return ctypes.CDLL(library.name), library


def main():
    arguments, level = sys.argv[1:], 2
    if arguments[0].startswith("--opt="):
        level = int(arguments.pop(0)[6:])
    library, file = build(sys.stdin.buffer.read(), level)
    buffers, shown = [], []
    dims = [ctypes.c_int64(int(text[4:])) for text in arguments if text.startswith("dim:")]
    arena = 1 << 20
    if dims:
        measure = getattr(library, arguments[0] + ".arena_bytes", lambda *_: 0)  # none: the dims decide nothing there
        measure.restype = ctypes.c_int64
        arena = measure(*dims)
    for text in arguments[1:]:
        if text == "status":
            buffers.append(Guarded(bytes(4)))
            shown.append(("i32", buffers[-1]))
        elif text == "arena":
            buffers.append(Guarded(b"\xff" * arena))
        elif text.startswith("dim:"):
            buffers.append(ctypes.c_int64(int(text[4:])))
        elif "~" in text:
            dtype, count = text.split("~")
            numbers = [i * 7 % 23 - 11 for i in range(int(count))]
            buffers.append(Guarded(to_bytes(dtype, [x / 4 if "f" in dtype else x for x in numbers])))
        elif "=" in text:
            dtype, values = text.split("=")
            buffers.append(Guarded(to_bytes(dtype, values.split(",") if values else [])))
        else:
            dtype, count = text.split(":")
            if dtype == "params":
                buffers.append(Guarded(bytes(int(count))))
                continue
            element = len(to_bytes(dtype, ["0"]))
            buffers.append(Guarded(b"\xff" * (int(count) * element)))
            shown.append((dtype, buffers[-1]))
    buffers.append(ctypes.c_int64(0))  # no team (graphc_team of abi.h)
    getattr(library, arguments[0])(*(b if isinstance(b, ctypes.c_int64) else ctypes.c_void_p(b.address) for b in buffers))
    for dtype, buffer in shown:
        print(" ".join(to_texts(dtype, buffer.bytes())))


main()
