#!/usr/bin/env python3
"""Milliseconds per token of greedy decoding with GPT-2's sizes (124 million params), one sequence, at caches of 128, 512 and 1024 places: what it
grows by is what attention reads, since the cache is changed in place. The difference of a call of 20 tokens and one of 4, by 16.
usage: decode.py GRAPHC [options of graphc bench]"""
import os
import re
import subprocess
import sys
import tempfile

small = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../models/gpt2.json")
with open(small, encoding="utf-8") as file:
    text = file.read()
for old, new in (('"V": 11, "D": 16, "H": 2, "L": 3, "C": 8', '"V": 50257, "D": 768, "H": 12, "L": 12, "C": %d'), ('"max": 8', '"max": %d'),
                 ('"max_iterations": "C"', '"max_iterations": %d'), ('"entries": ["gpt", "decode", "generate"]', '"entries": ["generate"]')):
    assert text.count(old) == 1, old
    text = text.replace(old, new)


def milliseconds(places, tokens):
    with tempfile.TemporaryDirectory() as folder:
        graph = os.path.join(folder, "gpt2.json")
        with open(graph, "w", encoding="utf-8") as out:
            out.write(text.replace("%d", str(places), 2).replace("%d", str(tokens)))
        shown = subprocess.run([sys.argv[1], "bench", graph, "--dim", "B=1", "--seconds", "4", *sys.argv[2:]], check=True, capture_output=True, text=True).stdout
    unit, least = re.search(r"median [\d.]+ (us|ms|s), min ([\d.]+)", shown).groups()
    return float(least) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]


for places in (128, 512, 1024):
    print("cache of %4d places, %5.1f MB: %.1f ms per token" % (places, 2 * 12 * places * 768 * 4 / 1e6, (milliseconds(places, 20) - milliseconds(places, 4)) / 16))
