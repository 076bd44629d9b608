#!/usr/bin/env python3
"""A file may include only headers of its own folder and of lower levels (docs/architecture.md): abi < support < dialect < stage <
driver < tool. CMake checks the same for link dependencies; it cannot see includes. Also: outside dialects/graph no file names the
header of the op classes, and the compiler includes exactly two headers of the runtime."""
import re, sys
from source_tree import files, read

LEVELS = [("runtime/", 0), ("compiler/support/", 1), ("compiler/components/", 1), ("dialects/", 2), ("compiler/driver/", 4), ("compiler/", 3),
          ("tools/", 5), ("tests/", 6), ("docs/", 6)]
RUNTIME_HEADERS = {"graphc/abi.h", "graphc/checkpoints.h", "graphc/safetensors.h", "graphc/types.h"}  # types.h is part of abi.h


def level(path):
    return next(number for prefix, number in LEVELS if path.startswith(prefix))


def component(path):
    parts = path.split("/")
    return "/".join(parts[:2])


def main():
    bad = []
    for path in files(".h", ".cpp", ".td"):
        for number, line in enumerate(read(path).split("\n"), 1):
            match = re.match(r'\s*#?include "((?:compiler|dialects|runtime|tools)/[^"]+)"', line)
            where = f"{path}:{number}"
            if match:
                target = match[1]
                if level(target) > level(path) or (level(target) == level(path) and component(target) != component(path)):
                    bad.append(f"{where}: {component(path)} must not include {target}")
                if target.startswith("dialects/graph/graph_ops") and not path.startswith(("dialects/graph/", "tests/")):
                    bad.append(f"{where}: op classes are known in dialects/graph only")
            match = re.match(r'\s*#include ["<](graphc/[^">]+)', line)
            if match and path.startswith("compiler/") and match[1] not in RUNTIME_HEADERS:
                bad.append(f"{where}: the compiler includes only {sorted(RUNTIME_HEADERS)} of the runtime")
            if path.startswith("runtime/") and re.match(r'\s*#include ["<](mlir|llvm|compiler|dialects)/', line):
                bad.append(f"{where}: the runtime knows no compiler")
    print("\n".join(bad))
    return bool(bad)


sys.exit(main())
