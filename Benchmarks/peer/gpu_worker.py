#!/usr/bin/env python3
"""PyTorch's side of the GPU's benchmark: obeys lines of words between tabs, as Benchmarks/Gpu has them.

Usage: gpu_worker.py FOLDER DEVICE     `prepare ITEM` (JSON) computes once, writes the results and answers with its ways of computing it;
                                       `time WAY RUNS` answers with the seconds of a run"""
import json
import sys
import time
import warnings
from pathlib import Path

warnings.simplefilter('ignore')
import torch

import gpu_items

folder, device = Path(sys.argv[1]), torch.device(sys.argv[2])
cuda = device.type == 'cuda'


def precision(name):
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = name == 'tf32'
    torch.backends.cudnn.benchmark = True


def prepare(item):
    precision(item['precision'])
    ways = gpu_items.ways(item, device, folder)
    first = None
    for run in ways.values():
        results = run()
        first = first if first is not None else results
    for name, tensor in first.items():
        tensor = tensor.detach()
        if tensor.dim() == 4:
            tensor = tensor.permute(0, 2, 3, 1)   # our layout
        tensor.float().contiguous().cpu().numpy().tofile(folder / f'{name}.torch')
    return ways


def timed(run, runs):
    """Seconds of a run: by the device's events, or by the clock where there are none."""
    if not cuda:
        start = time.perf_counter()
        for _ in range(runs):
            run()
        return (time.perf_counter() - start) / runs
    torch.cuda.synchronize()
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    start.record()
    for _ in range(runs):
        run()
    end.record()
    end.synchronize()
    return start.elapsed_time(end) * 1e-3 / runs


def main():
    about = f'PyTorch {torch.__version__} on {device}'
    if cuda:
        about += f' ({torch.cuda.get_device_name(device)}, CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()})'
        torch.zeros(1, device=device)
    print(f'ready\t{about}', flush=True)
    ways = {}
    for line in sys.stdin:
        words = line.rstrip('\n').split('\t')
        try:
            if words[0] == 'prepare':
                ways = {}
                if cuda:
                    torch.cuda.empty_cache()
                ways = prepare(json.loads(words[1]))
                print('\t'.join(['ok', *ways]), flush=True)
            else:
                print(f'ok\t{timed(ways[words[1]], int(words[2])):.9f}', flush=True)
        except Exception as error:   # the table says so, and the next item has a new process
            print('error\t' + ' '.join(f'{type(error).__name__}: {error}'.split()), flush=True)
            return 1


if __name__ == '__main__':
    sys.exit(main())
