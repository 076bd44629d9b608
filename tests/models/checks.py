# What a test of models says when something is wrong: it goes on, and fails at its end.
import sys

wrong = 0


def check(what, good):
    global wrong
    if not good:
        print(what)
        wrong += 1


def near(what, got, wanted, bound):
    """`bound`: of an element's difference, beside the larger of the element and 1."""
    check(f'{what}: {len(got)} elements, not {len(wanted)}', len(got) == len(wanted))
    off = [abs(g - w) for g, w in zip(got, wanted) if not abs(g - w) <= bound * max(1, abs(w))]
    check(f'{what}: {len(off)} elements are off, by up to {max(off, default=0):.1e}', not off)


def finish():
    sys.exit(wrong != 0)
