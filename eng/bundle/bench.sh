#!/bin/sh
# Measures the GPU, against PyTorch on the same one if python3 (or $PYTHON) has torch. Arguments, all of which may be left out (--help):
# --device cuda:0, --small, --minutes N, --tiles, parts of items' names. Other benchmarks: bin/DenseEngine.Benchmarks --list flat
here=$(dirname "$(readlink -f "$0")")
exec "$here/bin/DenseEngine.Benchmarks" gpu --peer "$here/source/Benchmarks/peer" --python "${PYTHON:-python3}" \
  --out gpu-results "$@"
