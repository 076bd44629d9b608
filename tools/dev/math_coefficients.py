#!/usr/bin/python3
"""Writes compiler/lower/kernels/math_coefficients.h to stdout: the polynomials of expand_*.cpp, by Remez exchange in mpmath.

For each: |weight(x) (polynomial(x) - target(x))| is minimal in the maximum over the interval, before its coefficients
are rounded to f64 or f32. Not part of the build; run it again when a degree is to change.
usage: math_coefficients.py | clang-format-19 --assume-filename=math_coefficients.h
"""
import struct

from mpmath import (asin, atan, cos, erf, erfc, exp, fabs, lu_solve, log, matrix, mp, mpf, pi, sin, sinh, sqrt)

mp.dps = 60


def remez(target, weight, low, high, degree):
    """Coefficients of the weighted minimax polynomial, and its weighted error."""
    count = degree + 2
    points = [(low + high) / 2 - (high - low) / 2 * cos(pi * (2 * i + 1) / (2 * count)) for i in range(count)]
    grid = [(low + high) / 2 - (high - low) / 2 * cos(pi * i / (24 * count)) for i in range(24 * count + 1)]
    values = [(x, target(x), weight(x)) for x in grid]
    for _ in range(12):
        rows = matrix(count, count)
        right = matrix(count, 1)
        for i, x in enumerate(points):
            for power in range(degree + 1):
                rows[i, power] = x**power
            rows[i, degree + 1] = (-1)**i / weight(x)
            right[i] = target(x)
        solution = lu_solve(rows, right)
        coefficients = [solution[i] for i in range(degree + 1)]
        errors = []
        for x, t, w in values:
            p = mpf(0)
            for c in reversed(coefficients):
                p = p * x + c
            errors.append((x, w * (p - t)))
        extrema = []  # one point per run of equal sign
        for x, e in errors:
            if extrema and (extrema[-1][1] > 0) == (e > 0):
                if fabs(e) > fabs(extrema[-1][1]):
                    extrema[-1] = (x, e)
            else:
                extrema.append((x, e))
        worst = max(fabs(e) for _, e in errors)
        while len(extrema) > count:
            extrema.pop(0 if fabs(extrema[0][1]) < fabs(extrema[-1][1]) else -1)
        if len(extrema) < count:
            break
        points = [x for x, _ in extrema]
        if worst < fabs(solution[degree + 1]) * mpf("1.02"):
            break
    return coefficients, worst


def rounded(value, wide):
    number = float(value) if wide else struct.unpack("f", struct.pack("f", float(value)))[0]
    return number.hex()


tiny = mpf(10)**-20
half_ln2 = log(mpf(2)) / 2 * mpf("1.002")
log_z = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1))**2 * mpf("1.001")
eighth = (sqrt(mpf(2)) - 1)**2 * mpf("1.001")
quarter_pi_z = (pi / 4)**2 * mpf("1.002")


def near_zero(value, series):
    """Below a bound by the series' first terms, where the formula would cancel."""
    return lambda x: value(x) if fabs(x) > mpf(10)**-9 else series(x)


def log_odd(z):
    s = sqrt(z)
    return log((1 + s) / (1 - s)) / s


# name: (target, weight, low, high, degree in f64, degree in f32)
table = {
    # e^r = 1 + r + r^2 p(r)
    "exp": (near_zero(lambda r: (exp(r) - 1 - r) / r**2, lambda r: mpf(1) / 2 + r / 6), lambda r: fabs(r) + tiny,
            -half_ln2, half_ln2, 10, 4),
    # the same for a table of 2^(i/16)
    "expBehindTable": (near_zero(lambda r: (exp(r) - 1 - r) / r**2, lambda r: mpf(1) / 2 + r / 6), lambda r: fabs(r) + tiny,
                       -half_ln2 / 16, half_ln2 / 16, 0, 1),
    # log((1+s)/(1-s)) = 2s + s z p(z), z = s^2
    "log": (near_zero(lambda z: (log_odd(z) - 2) / z, lambda z: mpf(2) / 3 + 2 * z / 5), lambda z: z + tiny, mpf(0), log_z,
            6, 2),
    # log((1+s)/(1-s)) = 2s + 2/3 s^3 + 2/5 s^5 + s^7 p(z)
    "pow": (near_zero(lambda z: (log_odd(z) - 2 - 2 * z / 3 - 2 * z**2 / 5) / z**3, lambda z: mpf(2) / 7 + 2 * z / 9),
            lambda z: z**3 + tiny, mpf(0), log_z, 6, 0),
    # sinh(x) = x + x z p(z), z = x^2
    "sinh": (near_zero(lambda z: (sinh(sqrt(z)) / sqrt(z) - 1) / z, lambda z: mpf(1) / 6 + z / 120), lambda z: z + tiny,
             mpf(0), mpf(1), 6, 3),
    # sin(x) = x + x z p(z)
    "sin": (near_zero(lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, lambda z: -mpf(1) / 6 + z / 120), lambda z: z + tiny,
            mpf(0), quarter_pi_z, 5, 2),
    # cos(x) = 1 - z/2 + z^2 p(z)
    "cos": (near_zero(lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2, lambda z: mpf(1) / 24 - z / 720), lambda z: z**2 + tiny,
            mpf(0), quarter_pi_z, 5, 2),
    # atan(x) = x + x z p(z), |x| <= tan(pi / 8)
    "atan": (near_zero(lambda z: (atan(sqrt(z)) / sqrt(z) - 1) / z, lambda z: -mpf(1) / 3 + z / 5), lambda z: z + tiny,
             mpf(0), eighth, 10, 4),
    # asin(x) = x + x z p(z), |x| <= 1/2
    "asin": (near_zero(lambda z: (asin(sqrt(z)) / sqrt(z) - 1) / z, lambda z: mpf(1) / 6 + 3 * z / 40), lambda z: z + tiny,
             mpf(0), mpf("0.2501"), 12, 5),
    # erf(x) = x + x p(z), |x| <= 1
    "erf": (near_zero(lambda z: erf(sqrt(z)) / sqrt(z) - 1, lambda z: 2 / sqrt(pi) * (1 - z / 3) - 1), lambda z: mpf(1),
            mpf(0), mpf(1), 11, 6),
    # erfc(x) = e^p(x - 1) from 1 on
    "erfc": (lambda x: log(erfc(x + 1)), lambda x: erfc(x + 1), mpf(0), mpf(5), 19, 0),
    "erfcNear": (lambda x: log(erfc(x)), lambda x: erfc(x), mpf(1), mpf(4), 0, 6),
}

# Degrees that f64 code takes where the result is an f32.
table["expShort"] = table["exp"][:4] + (5, 0)
table["logShort"] = table["log"][:4] + (4, 0)

print("""// Coefficients of the polynomials of expand_*.cpp, lowest power first; f32's are f32 numbers. Written by
// tools/dev/math_coefficients.py, which says what each approximates; the error given is before rounding to the type.
#pragma once

namespace graphc::lower::coefficients {
""")
for name, (target, weight, low, high, wide, narrow) in table.items():
    for degree, is_wide in ((wide, True), (narrow, False)):
        if not degree:
            continue
        coefficients, worst = remez(target, weight, low, high, degree)
        print(f"// weighted error 2^{float(log(worst) / log(mpf(2))):.1f}")
        print(f"constexpr double {name}{'64' if is_wide else '32'}[] = {{")
        print("    " + ",\n    ".join(rounded(c, is_wide) for c in coefficients) + "};\n")
print("} // namespace graphc::lower::coefficients")
