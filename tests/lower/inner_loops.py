"""Innermost loops of an assembly text (AT&T) that multiply and add: fails if one touches the stack (but for sizes that are arguments), prints the sums per step.

usage: inner_loops.py FUNCTION [CONSTANTS] < text.s     e.g. "24 16 8 4 2": the accumulators of each loop, sorted, duplicates once
CONSTANTS: so many whole vectors a loop may load from the stack (default 0): numbers for which no register was left.
"""
import re
import sys


def functionLines(text, name):
    body = text.split(f"\n{name}:", 1)[1].split(".Lfunc_end", 1)[0]
    lines = (line.split("#")[0].strip() for line in body.splitlines())
    return [line for line in lines if line and (not line.startswith(".") or line.endswith(":"))]


def innermostLoops(lines):
    place = {line[:-1]: i for i, line in enumerate(lines) if line.endswith(":")}
    loops = []
    for i, line in enumerate(lines):
        jump = re.match(r"j\w+\s+(\S+)", line)
        if jump and place.get(jump.group(1), i) < i:
            loops.append((place[jump.group(1)], i))
    inside = lambda a, b: a != b and b[0] <= a[0] and a[1] <= b[1]
    return [lines[a : b + 1] for a, b in loops if not any(inside(other, (a, b)) for other in loops)]


def measure(text, name):
    """Sums per step of each loop of the function that multiplies and adds, and the lines of these loops that touch the stack."""
    lines = functionLines("\n" + text, name)
    # rbp points into the frame only where the function begins by setting it so, else it is a register like any other.
    has_frame_pointer = any(re.match(r"movq\s+%rsp, %rbp", line) for line in lines)
    stack = re.compile(r"\(%rsp|\(%rbp\)" if has_frame_pointer else r"\(%rsp")
    # A size that came on the stack may be read again there: one load beside many sums.
    argument = re.compile(r"movq\s+\d+\(%rbp\), ")
    found = []
    for loop in innermostLoops(lines):
        # The sums of a step: fma or sums of several products, or without fma the additions that follow a product.
        count = sum(bool(re.match(r"vfmadd|vpdpbusd|vdpbf16ps|v?pmaddwd", line)) for line in loop)
        if not count and any(line.startswith("mulps") for line in loop):
            count = sum(line.startswith("addps") for line in loop)
        if count:
            found.append((count, [line for line in loop if stack.search(line) and not argument.match(line)]))
    return found


def main():
    found = measure(sys.stdin.read(), sys.argv[1])
    allowed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    loads = lambda lines: all(re.match(r"vmovu?a?ps\s+-?\d*\(%r\w+\), %[xyz]mm", line) for line in lines)
    bad = [
        f"{sys.argv[1]}: a loop of {count} sums touches the stack: {lines}"
        for count, lines in found
        if lines and not (len(lines) <= allowed and loads(lines))
    ]
    if bad:
        sys.exit("\n".join(bad))
    print(*sorted({count for count, _ in found}, reverse=True))


if __name__ == "__main__":
    main()
