"""Checkpoints, read by PyTorch with an unpickler that makes nothing but tensors and plain data, and by safetensors' published rules."""
import collections
import hashlib
import io
import json
import os
import pickle
import struct
import sys
import types

from refusal import Refusal


class Inert:
    """Stands for an object of any class that is not allowed: takes everything, does nothing."""

    def __new__(cls, *args, **kwargs):
        return object.__new__(cls)

    def __init__(self, *args, **kwargs):
        pass

    def __call__(self, *args, **kwargs):
        return type(self)()

    def __setstate__(self, state):
        pass

    def __setitem__(self, key, value):
        pass

    def append(self, item):
        pass

    def extend(self, items):
        pass

    def add(self, item):
        pass


def latin(text, encoding):
    if encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError("unknown encoding")
    return text.encode("latin1")


def reconstruct(kind, shape, code):
    import numpy
    if kind is not numpy.ndarray:
        raise pickle.UnpicklingError("no array")
    return numpy.core.multiarray._reconstruct(kind, shape, code)


def rebuild(storage, offset, size, stride, wants_gradient, hooks, metadata=None):
    """As PyTorch 2 has it: with metadata, which 1.13 does not take."""
    import torch
    if metadata is not None and not isinstance(metadata, dict):
        raise pickle.UnpicklingError("metadata")
    return torch._utils._rebuild_tensor_v2(storage, offset, size, stride, wants_gradient, hooks)


def allowed(module, name):
    import numpy
    import torch
    known = {
        ("collections", "OrderedDict"): collections.OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): rebuild,
        ("torch._utils", "_rebuild_tensor"): torch._utils._rebuild_tensor,
        ("torch._utils", "_rebuild_parameter"): torch._utils._rebuild_parameter,
        ("torch._utils", "_rebuild_parameter_with_state"): getattr(torch._utils, "_rebuild_parameter_with_state", None),
        ("torch._tensor", "_rebuild_from_type_v2"): torch._tensor._rebuild_from_type_v2,
        ("torch", "Tensor"): torch.Tensor,
        ("torch.nn.parameter", "Parameter"): torch.nn.Parameter,
        ("_codecs", "encode"): latin,
        ("numpy", "dtype"): numpy.dtype,
        ("numpy", "ndarray"): numpy.ndarray,
        ("numpy.core.multiarray", "scalar"): numpy.core.multiarray.scalar,
        ("numpy.core.multiarray", "_reconstruct"): reconstruct,
    }
    return known.get((module, name)) or type("Inert", (Inert,), {})


class Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        return allowed(module, name)

    def get_extension(self, code):
        raise pickle.UnpicklingError("extensions are not known")


def restricted():
    """What torch.serialization takes for the module pickle."""
    module = types.ModuleType("restricted_pickle")
    module.Unpickler = Unpickler
    module.load = lambda file, **arguments: Unpickler(file, **arguments).load()
    module.UnpicklingError = pickle.UnpicklingError
    return module


def load_torch(data):
    import torch
    # torch 1.13 ignores its argument pickle_module, so the module that it imported is replaced.
    torch.serialization.pickle = restricted()
    torch.serialization._is_torchscript_zip = forbid_scripts
    try:
        return torch.load(io.BytesIO(data), map_location="cpu")
    except Exception as error:
        raise Refusal(f"{type(error).__name__}: {error}") from error


def forbid_scripts(archive):
    if "constants.pkl" in archive.get_all_records():
        raise Refusal("a program")
    return False


TYPES = {"float32": "F32", "float64": "F64", "float16": "F16", "bfloat16": "BF16", "int64": "I64", "int32": "I32", "int16": "I16",
         "int8": "I8", "uint8": "U8", "bool": "BOOL"}


def walk(root):
    """Tensors and plain values by the keys on the way, joined with slashes."""
    import torch
    tensors, values, around = {}, {}, set()

    def note(value, path):
        if isinstance(value, torch.Tensor):
            if path in tensors:
                raise Refusal(f"two tensors are named {path}")
            tensors[path] = value.detach()
        elif value is None or isinstance(value, (str, bool, int, float)):
            values.setdefault(path, value)

    def enter(value, path):
        if isinstance(value, dict):
            pairs = list(dict.items(value))
        elif isinstance(value, (list, tuple)):
            pairs = list(enumerate(value))
        else:
            note(value, path)
            return
        if id(value) in around:
            return
        around.add(id(value))
        for key, item in pairs:
            if key is None or isinstance(key, (str, bool, int, float)):
                inner = str(key)
                enter(item, inner if len(around) == 1 else f"{path}/{inner}")
        around.discard(id(value))

    sys.setrecursionlimit(10000)
    enter(root, "")
    return tensors, values


def plain(value):
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"int {value}" if -2**63 <= value < 2**63 else f"text {value}"
    if isinstance(value, float):
        return f"float {struct.unpack('<Q', struct.pack('<d', value))[0]:016x}"
    return f"text {value}"


def digest(tensors, values):
    """The form of FuzzReaders.Checkpoint; tensors: name -> (type, shape, bytes)."""
    def order(name):   # .NET's ordinal order is that of UTF-16
        return name.encode("utf-16-be", "surrogatepass")

    result = hashlib.sha256()
    for name in sorted(tensors, key=order):
        kind, shape, data = tensors[name]
        result.update(f"{name}\0{kind}\0{','.join(map(str, shape))}\0".encode())
        result.update(data)
    for name in sorted(values, key=order):
        result.update(f"{name}\0{plain(values[name])}\0".encode())
    return result.hexdigest()


def torch_reader(data):
    import torch
    tensors, values = walk(load_torch(data))
    stored = {}
    for name, tensor in tensors.items():
        kind = str(tensor.dtype).removeprefix("torch.")
        if kind not in TYPES or tensor.layout != torch.strided:
            raise Refusal(f"type {kind}")
        same_size = {"bfloat16": torch.int16, "bool": torch.uint8}   # numpy has no bfloat16; bytes other than 0 and 1 are kept
        data = (tensor.view(same_size[kind]) if kind in same_size else tensor).numpy().tobytes()
        stored[name] = (TYPES[kind], list(tensor.shape), data)
    return digest(stored, values)


SIZES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1, "U16": 2, "U32": 4, "U64": 8,
         "F8_E5M2": 1, "F8_E4M3": 1}


def once(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refusal("a key stands twice")
    return found


def forbid(text):
    raise Refusal(f"{text} is no JSON")


def size_of(text):
    """Whole numbers of serde_json: -0 is one of floating point."""
    return float(text) if text.startswith("-") else int(text)


def count(value):
    if type(value) is not int or not 0 <= value < 2**64:
        raise Refusal(f"{value} is no size")
    return value


def safetensors_reader(data):
    """The format's rules, as huggingface/safetensors checks them."""
    if len(data) < 8:
        raise Refusal("too short")
    length = struct.unpack("<Q", data[:8])[0]
    if length > 100_000_000 or length > len(data) - 8:
        raise Refusal("header length")
    header, body = data[8:8 + length], data[8 + length:]
    if not header.startswith(b"{"):
        raise Refusal("header start")
    try:
        entries = json.loads(header.decode("utf-8"), object_pairs_hook=once, parse_constant=forbid, parse_int=size_of)
    except (ValueError, RecursionError) as error:
        raise Refusal(str(error)) from error
    texts = entries.pop("__metadata__", None) or {}
    if type(texts) is not dict or any(type(text) is not str for text in texts.values()):
        raise Refusal("metadata")
    tensors, ranges = {}, []
    for name, entry in entries.items():
        if type(entry) is not dict or not {"dtype", "shape", "data_offsets"} <= entry.keys():
            raise Refusal("entry")
        kind, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
        if kind not in SIZES or type(shape) is not list or type(offsets) is not list or len(offsets) != 2:
            raise Refusal("entry")
        begin, end = map(count, offsets)
        elements = 1
        for size in shape:
            elements *= count(size)
            if elements >= 2**64:
                raise Refusal("overflow")
        if end - begin != elements * SIZES[kind]:
            raise Refusal("size")
        ranges.append((begin, end))
        tensors[name] = (kind, shape, body[begin:end])
    at = 0
    for begin, end in sorted(ranges):
        if begin != at:
            raise Refusal("hole or overlap")
        at = end
    if at != len(body):
        raise Refusal("data length")
    return digest(tensors, texts)


def demand_safety():
    """The restricted unpickler must call nothing; else nothing of a stranger's may be given to it."""
    class Evil:
        def __reduce__(self):
            return os.mkdir, ("confirm_py_was_tricked",)

    import torch
    for new in (True, False):
        file = io.BytesIO()
        torch.save({"x": Evil()}, file, _use_new_zipfile_serialization=new)
        found = load_torch(file.getvalue())
        if os.path.exists("confirm_py_was_tricked") or not isinstance(found["x"], Inert):
            sys.exit("the unpickler is not safe with this version of PyTorch")
