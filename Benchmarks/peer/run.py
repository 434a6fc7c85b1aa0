#!/usr/bin/env python3
"""Compares DenseEngine with its peers, item by item: first the results, then the times, in alternation. Called by run.sh.

Usage: run.py FOLDER DENSE_BENCHMARKS THREADS [FILTER]
A worker a system lives through the run and obeys lines of words between tabs: `make ITEM` (PyTorch's alone: writes the inputs), `prepare
ITEM` (computes once and writes the results; answers with its ways of computing it), `time WAY RUNS` (answers with seconds), `quit`.
Peak memory and start are measured on processes of their own. Prints `ratio ITEM PEER X.XX`, the peer's time over ours; ends with 1 if a
result differs or a peer fails."""
import fnmatch
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

import safetensors

HERE, FOLDER, DENSE, THREADS = Path(__file__).parent, Path(sys.argv[1]), sys.argv[2], sys.argv[3]
FILTER = sys.argv[4] if len(sys.argv) > 4 else '*'
COMMANDS = {'pytorch': [sys.executable, str(HERE / 'worker_torch.py')], 'onnxruntime': ['node', str(HERE / 'worker_onnx.js')],
            'dense': [DENSE, 'peer']}
ROUNDS, SLICE, WARM = 9, .4, 2   # rounds of alternation; seconds that a way gets in each; runs before the first
OUTPUTS, GRADIENTS = 1e-4, 1e-3  # of the largest value; of a gradient's norm: as the tests compare detectors
KERNELS = 1e-5                   # of the largest value, outputs and gradients of single operations


class Worker:
    """A process of one of the systems."""

    def __init__(self, name):
        self.process = subprocess.Popen([*COMMANDS[name], str(FOLDER), THREADS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.name, self.version = name, self.answer()[0].removeprefix('ready ')

    def answer(self):
        line = self.process.stdout.readline()
        if not line or line.startswith('error'):
            raise RuntimeError(f'{self.name}: {line.strip()[6:] or "the process ended"}')
        return line.rstrip('\n').split('\t')

    def ask(self, *words):
        self.process.stdin.write('\t'.join(words) + '\n')
        self.process.stdin.flush()
        return self.answer()

    def quit(self):
        self.process.stdin.close()
        self.process.wait()


def difference(item, peer):
    """The worst of our results against a peer's, as a share of what is allowed, and its name."""
    theirs = safetensors.read(FOLDER / f'{item["name"]}.{peer}.safetensors')
    ours = safetensors.read(FOLDER / f'{item["name"]}.dense.safetensors')
    if sorted(theirs) != sorted(ours):
        return float('inf'), f'{sorted(set(theirs) ^ set(ours))[:4]} has only one of both'
    norms = [float(np.linalg.norm(tensor)) for name, tensor in theirs.items() if name.endswith('.grad')]
    worst = 0, ''
    for name, tensor in theirs.items():
        if tensor.shape != ours[name].shape:
            return float('inf'), f'{name} has shape {ours[name].shape}, not {tensor.shape}'
        distance = ours[name] - tensor
        if name.endswith('.grad') and item['kind'] == 'train':
            share = float(np.linalg.norm(distance)) / (GRADIENTS * float(np.linalg.norm(tensor)) + 1e-6 * max(norms))
        else:
            bound = OUTPUTS if item['kind'] in ('train', 'resnet50', 'hourglass104') or '-r50' in item['kind'] or '-r18' in item['kind'] else KERNELS
            share = float(np.abs(distance).max()) / (bound * float(np.abs(tensor).max()))
        if not share <= worst[0]:
            worst = share, name
    return worst


def in_turn(ways):
    """Seconds of each way, from rounds in which each has its turn."""
    runs, seconds = {}, {way: [] for way in ways}
    for worker, way in ways:
        first = [float(s) for s in worker.ask('time', way, str(WARM))[1:]]
        runs[worker, way] = max(1, min(1000, int(SLICE / first[-1])))
    for _ in range(ROUNDS):
        for worker, way in ways:
            time.sleep(.03)   # the others' threads go to sleep
            seconds[worker, way] += [float(s) for s in worker.ask('time', way, str(runs[worker, way]))[1:]]
    return seconds


def compare(item, workers, report):
    """One item in the workers: results, then times."""
    workers['pytorch'].ask('make', item['name'])
    ways = []
    for name, worker in workers.items():
        ways += [(worker, way) for way in worker.ask('prepare', item['name'])[1:]]
    peers = [name for name, worker in workers.items() if name != 'dense' and any(w is worker for w, _ in ways)]
    same = True
    for peer in peers:
        share, name = difference(item, peer)
        print(f'  {item["name"]}: the largest difference from {peer} is {share:.3f} of what is allowed ({name})', flush=True)
        same &= share <= 1
    if not same:
        return False
    seconds = in_turn(ways)
    best = {name: min((seconds[worker, way] for worker, way in ways if worker is workers[name]), key=statistics.median)
            for name in [*peers, 'dense']}
    way_of = {name: next(way for worker, way in ways if seconds[worker, way] is best[name]) for name in best}
    report(item['name'], {name: (statistics.median(best[name]) * 1e3, min(best[name]) * 1e3) for name in best}, 'ms', way_of)
    return True


def compare_processes(item, report):
    """One item in processes of their own, in alternation."""
    values, memory = {name: [] for name in COMMANDS}, item['measure'] == 'memory'
    for _ in range(3 if memory else 7):
        for name, command in COMMANDS.items():
            start = time.perf_counter()
            with subprocess.Popen([*command, str(FOLDER), THREADS, item['name'], '3' if memory else '1'], stdout=subprocess.PIPE,
                                  text=True) as process:
                first = process.stdout.readline()
                took = time.perf_counter() - start
                rest = process.stdout.read()
            if first.strip() != 'first' or not rest.startswith('peak ') or process.returncode:
                raise RuntimeError(f'{name}: {first}{rest}'.strip())
            values[name].append(int(rest.split()[1]) / 1e3 * 1.024 if memory else took * 1e3)
    report(item['name'], {name: (statistics.median(each), min(each)) for name, each in values.items()}, 'MB' if memory else 'ms', {})


def main():
    items = [item for item in json.loads((HERE / 'items.json').read_text()) if fnmatch.fnmatch(item['name'], FILTER)
             or FILTER in item['name']]
    if not items:
        print(f'no item matches {FILTER}', file=sys.stderr)
        return 2
    rows, ratios, failed = [], [], []

    def report(name, values, unit, ways):
        cells = [f'{peer} {median:.2f} ({least:.2f})' + (f' {ways[peer]}' if peer == 'pytorch' and peer in ways else '')
                 for peer, (median, least) in values.items()]
        rows.append(f'{name:32} {unit}  ' + '   '.join(cells))
        ratios.extend(f'ratio {name} {peer} {median / values["dense"][0]:.2f}' for peer, (median, _) in values.items() if peer != 'dense')
        print('  ' + rows[-1], flush=True)

    workers = {name: Worker(name) for name in COMMANDS}
    print('; '.join(worker.version for worker in workers.values()) + f'; {THREADS} threads, float32', flush=True)
    for item in items:
        try:
            if item['kind'] == 'process':
                workers['pytorch'].ask('make', item['name'])
                compare_processes(item, report)
            elif not compare(item, workers, report):
                failed.append(f'{item["name"]}: the results differ')
        except (RuntimeError, OSError) as error:
            failed.append(f'{item["name"]}: {error}')
            for worker in workers.values():
                worker.process.kill()
            workers = {name: Worker(name) for name in COMMANDS}
    for worker in workers.values():
        worker.quit()
    print('\nMedian (least), the same inputs, in alternation; the peer\'s better layout')
    print('\n'.join(rows) + '\n' + '\n'.join(ratios))
    for failure in failed:
        print(f'FAILED {failure}', file=sys.stderr)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
