#!/usr/bin/env python3
"""Holds the program's logits against float64 numpy: same accuracy, within 1e-5 x max |logit|, accuracy at least 96%.

usage: check.py FOLDER      (after train.py FOLDER and digits_demo FOLDER)
"""
import os, sys
import numpy as np

folder = sys.argv[1]
reference = np.load(os.path.join(folder, "reference_logits.npy"))
label = np.load(os.path.join(folder, "test_label.npy"))
logits = np.fromfile(os.path.join(folder, "logits.f32"), np.float32).reshape(reference.shape)
difference = np.abs(logits - reference).max() / np.abs(reference).max()
ours, theirs = np.mean(logits.argmax(1) == label), np.mean(reference.argmax(1) == label)
print(f"check: test accuracy {100 * ours:.2f}%, numpy's {100 * theirs:.2f}%; "
      f"largest difference of a logit {difference:.1e} x max |logit| (limit 1e-5)")
if not (ours == theirs and ours >= 0.96 and difference <= 1e-5):
    sys.exit("check: FAILED")
