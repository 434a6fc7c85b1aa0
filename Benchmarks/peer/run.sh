#!/usr/bin/env bash
# Compares DenseEngine with PyTorch and ONNX Runtime on this machine, in alternation, with the same number of threads.
# Usage: run.sh [FILTER]   FILTER is part of an item's name, or a pattern of it (items.json has them)
#        run.sh --gpu DEVICE [ARGUMENT...]   the GPU's figures instead, against PyTorch on the same card, if $PYTHON or python3 has torch
#                                            (docs/gpu-results.md)
# The first needs Debian's python3-torch, python3-torchvision and libopenblas0, and npm's onnxruntime-node: they are installed where they are absent
# (the first by apt-get, the second into artifacts/peer). THREADS sets the number of threads, 2 by default. PYTHON names another
# interpreter that has torch.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)
folder="$root/artifacts/peer" python=${PYTHON:-/usr/bin/python3} threads=${THREADS:-2}
mkdir -p "$folder"
name=run.sh
. "$root/eng/prepare.sh"
if [ "${1:-}" = --gpu ]; then
  device=${2:?a device, such as cuda:0}
  shift 2
  echo "$name: building ..." >&2
  dotnet build "$root/Benchmarks" -c Release -v q --nologo >"$folder/build.log" 2>&1 || { grep error "$folder/build.log" >&2; exit 1; }
  exec dotnet "$(dotnet msbuild "$root/Benchmarks" -p:Configuration=Release -getProperty:TargetPath)" gpu --device "$device" \
    --peer "$root/Benchmarks/peer" --python "${PYTHON:-python3}" --out "$root/artifacts/gpu" "$@"
fi
if ! "$python" -c 'import torch, torchvision, cv2' 2>/dev/null || ! ldconfig -p | grep -q libopenblas; then
  as_root=$([ "$(id -u)" = 0 ] || echo sudo)
  echo "$name: installing PyTorch, torchvision, OpenCV and OpenBLAS ..." >&2
  $as_root apt-get update -qq >&2 && $as_root apt-get install -y -qq python3-torch python3-torchvision python3-opencv libopenblas0 >&2
fi
if [ ! -d "$folder/node_modules/onnxruntime-node" ]; then
  echo "$name: installing ONNX Runtime ..." >&2
  npm install --prefix "$folder" --ignore-scripts --no-audit --no-fund --silent onnxruntime-node >&2
fi
echo "$name: building ..." >&2
dotnet build "$root/Benchmarks" -c Release -v q --nologo >"$folder/build.log" 2>&1 || { grep error "$folder/build.log" >&2; exit 1; }
dense=$(find "$root/Benchmarks/bin" -name DenseEngine.Benchmarks -path "*Release*" -printf "%T@ %p\n" | sort -n | tail -1 | cut -d" " -f2-)
export OMP_NUM_THREADS=$threads OPENBLAS_NUM_THREADS=$threads DOTNET_PROCESSOR_COUNT=$threads
exec "$python" "$root/Benchmarks/peer/run.py" "$folder" "$dense" "$threads" "$@"
