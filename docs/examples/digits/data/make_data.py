#!/usr/bin/env python3
"""Makes images.npy (uint8 [1797, 64], 0..16) and labels.npy (uint8 [1797]) from digits.csv.gz of scikit-learn's wheel.

usage: make_data.py path/to/scikit_learn-*.whl      (pip download --no-deps scikit-learn)
Source and licence of the data are in NOTICE. The two files are committed; this script documents how they were made.
"""
import gzip, io, os, sys, zipfile
import numpy as np

wheel = zipfile.ZipFile(sys.argv[1])
text = gzip.decompress(wheel.read("sklearn/datasets/data/digits.csv.gz"))
table = np.loadtxt(io.BytesIO(text), delimiter=",")
assert table.shape == (1797, 65) and table[:, :64].max() == 16
here = os.path.dirname(os.path.abspath(__file__))
np.save(os.path.join(here, "images.npy"), table[:, :64].astype(np.uint8))
np.save(os.path.join(here, "labels.npy"), table[:, 64].astype(np.uint8))
