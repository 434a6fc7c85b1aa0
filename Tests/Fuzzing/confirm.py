#!/usr/bin/python3
"""Compares what the fuzz tests read of damaged files with what independent readers read of them.

    DENSE_MUTATIONS=10000 DENSE_MUTATIONS_OUT=/tmp/mutations dotnet test Tests -c Release --filter FullyQualifiedName~FuzzTests
    /usr/bin/python3 Tests/Fuzzing/confirm.py /tmp/mutations [READER ...]

The independent readers are PyTorch (with an unpickler that makes nothing but tensors and plain data), OpenCV, Python's own json and ast,
and safetensors' published rules. Needs torch, numpy and cv2. Ends with 1 if anything differs: a file that DenseEngine read and the other
reader reads differently, or refuses for more than a checksum. Each batch runs in a child process, so that a crash of the other reader ends
only the file that caused it.
"""
import collections
import os
import resource
import signal
import sys
import warnings

sys.dont_write_bytecode = True   # beside the sources

from confirm_checkpoints import demand_safety, safetensors_reader, torch_reader
from confirm_coco import annotations_check, results_check
from confirm_config import config_reader
from confirm_pictures import picture_reader, repair_png
from refusal import Refusal

warnings.filterwarnings("ignore")
os.environ.setdefault("OPENCV_LOG_LEVEL", "OFF")
BATCH = 200


def equal_to(reader, repair=None):
    def check(data, read):
        try:
            theirs = reader(data)
        except Refusal as refusal:
            if repair is not None and reader(repair(data)) == read:
                return "checksum"
            raise Refusal(f"refused: {refusal}") from refusal
        if theirs != read:
            raise ValueError("read differently")
        return "equal"
    return check


def as_equal(check):
    def run(data, read):
        check(data, read)
        return "equal"
    return run


READERS = {
    "safetensors": equal_to(safetensors_reader),
    "pth_zip": equal_to(torch_reader),
    "pth_legacy": equal_to(torch_reader),
    "png": equal_to(picture_reader, repair_png),
    "jpeg": equal_to(picture_reader),
    "jpeg_scans": equal_to(picture_reader),
    "bmp": equal_to(picture_reader),
    "pnm": equal_to(picture_reader),
    "config": equal_to(config_reader),
    "coco": as_equal(annotations_check),
    "coco_results": as_equal(results_check),
}


def verdict(check, path):
    with open(path, "rb") as file, open(path + ".read", encoding="utf-8") as read:
        data, ours = file.read(), read.read()
    try:
        return check(data, ours)
    except Exception as error:
        return "DIFFERENT " + " ".join(f"{type(error).__name__}: {error}".split())[:300]


def child(check, paths, pipe):
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    for path in paths:
        signal.alarm(30)
        os.write(pipe, (verdict(check, path) + "\n").encode("utf-8", "replace"))
    os._exit(0)


def batch(check, paths):
    """A verdict for each path; a path that ends its process is different."""
    verdicts = []
    while len(verdicts) < len(paths):
        reading, writing = os.pipe()
        process = os.fork()
        if process == 0:
            os.close(reading)
            child(check, paths[len(verdicts):], writing)
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as lines:
            verdicts += [line.rstrip("\n") for line in lines]
        _, status = os.waitpid(process, 0)
        if status != 0:
            verdicts.append(f"DIFFERENT the other reader ended with status {status}")
    return verdicts


def main():
    root, wanted = sys.argv[1], sys.argv[2:]
    readers = [name for name in READERS if os.path.isdir(os.path.join(root, name)) and (not wanted or name in wanted)]
    if any(name.startswith("pth") for name in readers):
        demand_safety()
    import cv2
    import numpy
    assert cv2 and numpy
    different = []
    print(f"{'reader':14}{'read':>7}{'equal':>7}{'checksum':>10}{'different':>11}")
    for name in readers:
        folder = os.path.join(root, name)
        numbers = sorted(int(file) for file in os.listdir(folder) if file.isdecimal())
        paths = [os.path.join(folder, str(each)) for each in numbers]
        verdicts = [each for at in range(0, len(paths), BATCH) for each in batch(READERS[name], paths[at:at + BATCH])]
        counts = collections.Counter(each.split(" ")[0] for each in verdicts)
        print(f"{name:14}{len(paths):7}{counts['equal']:7}{counts['checksum']:10}{counts['DIFFERENT']:11}", flush=True)
        different += [f"{path}: {each[10:]}" for path, each in zip(paths, verdicts) if each.startswith("DIFFERENT")]
    sys.exit("\n".join(different) or 0)


if __name__ == "__main__":
    main()
