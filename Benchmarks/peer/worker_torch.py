#!/usr/bin/env python3
"""PyTorch's side of the comparison: obeys lines on its input, as run.py says.

Usage: worker_torch.py FOLDER THREADS               make ITEM, prepare ITEM, time WAY RUNS
       worker_torch.py FOLDER THREADS ITEM RUNS     makes so many forward passes, and says when the first ends and the peak memory"""
import json
import sys
import time
from pathlib import Path

import torch

import safetensors
from torch_items import KINDS, named, network

folder, threads = Path(sys.argv[1]), int(sys.argv[2])
items = {item['name']: item for item in json.loads((Path(__file__).parent / 'items.json').read_text())}
torch.set_num_threads(threads)


def peak():
    return next(int(line.split()[1]) for line in Path('/proc/self/status').read_text().splitlines() if line.startswith('VmHWM'))


def make(item):
    """Writes the inputs, and the network for ONNX Runtime where there is one."""
    made = KINDS[item['kind']](item, folder)
    safetensors.write(folder / f'{item["name"]}.safetensors', made.inputs)
    module, target = made.module(), folder / f'{item["name"]}.onnx'
    target.unlink(missing_ok=True)
    if module is not None:
        first = next(iter(made.inputs))
        with torch.no_grad():
            outputs = module(made.inputs[first])
            names = list(named(outputs))
            torch.onnx.export(module, made.inputs[first], str(target), opset_version=14, input_names=[first], output_names=names)


def prepare(item):
    made = KINDS[item['kind']](item, folder)
    ways = made.ways()
    first = None
    for name, run in ways.items():
        outputs = run()
        first = first or outputs
    safetensors.write(folder / f'{item["name"]}.pytorch.safetensors', first)
    return ways


def process(item, runs):
    model = network(item, folder)
    x = torch.from_numpy(safetensors.read(folder / f'{item["name"]}.safetensors')['x'].copy())
    for i in range(runs):
        with torch.no_grad():
            model(x)
        if i == 0:
            print('first', flush=True)
    print(f'peak {peak()}', flush=True)


def main():
    if len(sys.argv) > 3:
        process(items[sys.argv[3]], int(sys.argv[4]))
        return
    ways = {}
    print(f'ready PyTorch {torch.__version__}', flush=True)
    for line in sys.stdin:
        command, *arguments = line.rstrip('\n').split('\t')
        if command == 'quit':
            break
        item = items.get(arguments[0])
        keeps = item is not None and (item['kind'].endswith('-backward') or item['kind'] in ('loss', 'train'))
        if command == 'make':
            make(item)
            print('ok', flush=True)
        elif command == 'prepare':
            ways = {}
            gradients = torch.set_grad_enabled(keeps)
            ways = prepare(item)
            print('ok\t' + '\t'.join(ways), flush=True)
        elif command == 'time':
            run, seconds = ways[arguments[0]], []
            for _ in range(int(arguments[1])):
                start = time.perf_counter()
                run()
                seconds.append(time.perf_counter() - start)
            print('ok\t' + '\t'.join(f'{s:.7f}' for s in seconds), flush=True)


if __name__ == '__main__':
    main()
