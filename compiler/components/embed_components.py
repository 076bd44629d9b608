"""Writes a C++ file that holds the given JSON files as byte arrays: embed_components.py OUT FILE...

Byte arrays rather than raw string literals: no limit on their length and no character that needs care.
"""
import os
import sys


def main() -> None:
    out, files = sys.argv[1], sorted(sys.argv[2:], key=os.path.basename)
    lines = ['// Made by embed_components.py.', '#include "compiler/components/components.h"', '', 'namespace graphc::components {',
             'namespace {']
    table = []
    for number, path in enumerate(files):
        with open(path, 'rb') as stream:
            data = stream.read()
        lines.append(f'constexpr unsigned char bytes{number}[] = {{')
        for begin in range(0, len(data), 32):
            lines.append(','.join(str(byte) for byte in data[begin:begin + 32]) + ',')
        lines.append('};')
        table.append(f'    {{"{os.path.basename(path)}", {{reinterpret_cast<const char *>(bytes{number}), sizeof bytes{number}}}}},')
    lines += ['} // namespace', 'llvm::ArrayRef<Component> standardLayers() {', '  static const Component all[] = {', *table, '  };',
              '  return all;', '}', '} // namespace graphc::components', '']
    with open(out, 'w', encoding='ascii') as stream:
        stream.write('\n'.join(lines))


main()
