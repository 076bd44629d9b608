#!/usr/bin/env python3
"""The one split of the digits into 1,437 training and 360 test images: stratified, by a seed fixed before any training.

usage: split.py FOLDER      writes there {train,test}_x.npy, f32 [n, 64] in 0..1, and {train,test}_label.npy, i32 [n]
"""
import os, sys
import numpy as np

SEED = 20261124
TEST_IMAGES = 360
DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")


def load():
    """x float32 [n, 64] in 0..1 and label int32 [n]: (train_x, train_label, test_x, test_label)."""
    images, labels = (np.load(os.path.join(DATA, name + ".npy")) for name in ("images", "labels"))
    rng = np.random.RandomState(SEED)
    share = TEST_IMAGES / len(labels)
    by_class = [rng.permutation(np.flatnonzero(labels == digit)) for digit in range(10)]
    counts = [int(len(index) * share) for index in by_class]
    rest = np.argsort([counts[d] - len(by_class[d]) * share for d in range(10)], kind="stable")
    for digit in rest[:TEST_IMAGES - sum(counts)]:
        counts[digit] += 1
    test = rng.permutation(np.concatenate([index[:count] for index, count in zip(by_class, counts)]))
    train = rng.permutation(np.concatenate([index[count:] for index, count in zip(by_class, counts)]))
    x = images.astype(np.float32) / 16
    label = labels.astype(np.int32)
    return x[train], label[train], x[test], label[test]


if __name__ == "__main__":
    os.makedirs(sys.argv[1], exist_ok=True)
    for name, value in zip(("train_x", "train_label", "test_x", "test_label"), load()):
        np.save(os.path.join(sys.argv[1], name + ".npy"), value)
