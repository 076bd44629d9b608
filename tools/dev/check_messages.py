#!/usr/bin/env python3
"""Every diagnostic code that the sources can report is explained in diagnostic_codes.def and occurs in a test, and every code of the
table is reported somewhere or listed as reserved here with its reason."""
import re, sys
from source_tree import files, read

CODE = re.compile(r"\bG\d{4}\b")
# Explained for `graphc explain`, reported by a later stage of the project.
RESERVED = {}
# Reported, but not producible in a test here; each with its reason.
UNTESTED = {"G9900": "internal error: no input is known that leads to it"}


def main():
    table = set(re.findall(r"^GRAPHC_DIAGNOSTIC\((G\d{4})", read("compiler/support/diagnostic_codes.def"), re.M))
    assert len(table) > 20, "diagnostic_codes.def is not in the form this check reads"
    reported = {}
    for path in files(".cpp", ".h"):
        if path.startswith(("compiler/", "dialects/", "tools/")) and not path.endswith("diagnostic_codes.def"):
            for number, line in enumerate(read(path).split("\n"), 1):
                for code in re.findall(r'"(G\d{4})"', line.split("//")[0]):
                    reported.setdefault(code, f"{path}:{number}")
    tested = set()
    for path in files(".test", ".mlir", ".cpp", ".py"):
        if path.startswith("tests/"):
            tested |= set(CODE.findall(read(path)))
    bad = [f"{where}: {code} is not explained in diagnostic_codes.def" for code, where in reported.items() if code not in table]
    bad += [f"{where}: {code} occurs in no test" for code, where in reported.items() if code not in tested and code not in UNTESTED]
    bad += [f"diagnostic_codes.def: {code} is reported nowhere" for code in sorted(table - set(reported) - set(RESERVED))]
    print("\n".join(bad))
    return bool(bad)


sys.exit(main())
