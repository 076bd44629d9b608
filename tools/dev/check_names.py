#!/usr/bin/env python3
"""File names and sizes (docs/CONTRIBUTING.md): lower_snake_case, no words that say nothing, at most 800 lines, an opening comment;
and outside dialects/graph and the ONNX importer's mappings no source file names a plain op by its class or by its mnemonic as a string."""
import glob, os, re, sys
from source_tree import ROOT, files, read

VAGUE = re.compile(r"(^|[/_])(utils?|common|misc|helpers?|manager|impl|uncategorized)([._/]|$)")
HARD_LIMIT = 800
# Words that are ops and something else as well: a string "constant" is an init kind, "identity" an affine map; the rest are words of
# static expressions (R6) and keys of dims.
AMBIGUOUS = {"any", "constant", "identity", "and", "or", "not", "min", "max", "sqrt", "select",
             "xor"}


def ops():
    names = set()
    for path in glob.glob(os.path.join(ROOT, "dialects/graph/ops/*.td")):
        with open(path, encoding="utf-8") as file:
            names |= set(re.findall(r'Graph_\w+<"(\w+)"', file.read()))
    return names


def main():
    bad = []
    mnemonics = ops()
    assert {"matmul", "softmax"} <= mnemonics, f"the op definitions are not where this check looks: {sorted(mnemonics)}"
    classes = re.compile(r"\bgraph::(" + "|".join("".join(part.capitalize() for part in m.split("_")) for m in mnemonics) + r")Op\b")
    strings = re.compile(r'"(?:graph\.)?(' + "|".join(sorted(mnemonics - AMBIGUOUS)) + r')"')
    for path in files(".h", ".cpp", ".c", ".td", ".py", ".sh", ".mlir", ".test", ".cmake"):
        name = os.path.basename(path)
        if VAGUE.search(path):
            bad.append(f"{path}: a name that says nothing")
        if not re.fullmatch(r"[a-z0-9_.]+|CMakeLists\.txt", name):
            bad.append(f"{path}: names are lower_snake_case")
        text = read(path)
        lines = text.count("\n")
        if lines > HARD_LIMIT:
            bad.append(f"{path}: {lines} lines (limit {HARD_LIMIT})")
        if name.endswith((".h", ".cpp", ".c", ".td")) and not re.match(r"(//|/\*)", text):
            bad.append(f"{path}: does not open with what it is")
        if path.startswith(("compiler/", "tools/graphc", "dialects/kern/")) and not path.startswith("compiler/onnx/") and path.endswith((".cpp", ".h")):
            for number, line in enumerate(text.split("\n"), 1):
                code = line.split("//")[0]
                for match in list(classes.finditer(code)) + list(strings.finditer(code)):
                    bad.append(f"{path}:{number}: names the op {match[0]}")
    print("\n".join(bad))
    return bool(bad)


sys.exit(main())
