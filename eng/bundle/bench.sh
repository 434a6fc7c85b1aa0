#!/bin/sh
# Measures the GPU, against PyTorch on the same one if python3 (or $PYTHON) has torch. Arguments are those of `gpu` in docs/gpu-results.md:
# --device cuda:0, --small, --minutes N, parts of items' names. Other benchmarks: bin/DenseEngine.Benchmarks --list flat
here=$(dirname "$(readlink -f "$0")")
exec "$here/bin/DenseEngine.Benchmarks" gpu --peer "$here/source/Benchmarks/peer" "$@"
