#!/usr/bin/env python3
"""Holds the program's logits against the same network in float64 numpy, with the weights that training saved: the same answers, within
1e-5 x max |logit|, accuracy at least 96%.

usage: check.py FOLDER      (after split.py, digits_demo train and digits_demo classify of the same folder)
"""
import json, os, sys
import numpy as np

folder = sys.argv[1]
path = lambda name: os.path.join(folder, name)
with open(path("digits.safetensors"), "rb") as file:
    header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    data = file.read()
w = {name: np.frombuffer(data[slice(*t["data_offsets"])], "<f4").reshape(t["shape"]).astype(np.float64)
     for name, t in header.items() if t.get("dtype") == "F32"}
x, label = np.load(path("test_x.npy")).astype(np.float64), np.load(path("test_label.npy"))
h = np.maximum(x @ w["net.h.weight"] + w["net.h.bias"], 0)
reference = h @ w["net.logits.weight"] + w["net.logits.bias"]
logits = np.fromfile(path("logits.f32"), np.float32).reshape(reference.shape)
difference = np.abs(logits - reference).max() / np.abs(reference).max()
ours, theirs = np.mean(logits.argmax(1) == label), np.mean(reference.argmax(1) == label)
print(f"check: test accuracy {100 * ours:.2f}%, by numpy in f64 {100 * theirs:.2f}%; "
      f"largest difference of a logit {difference:.1e} x max |logit| (limit 1e-5)")
if not (ours == theirs and ours >= 0.96 and difference <= 1e-5):
    sys.exit("check: FAILED")
