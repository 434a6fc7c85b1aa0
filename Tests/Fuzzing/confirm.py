#!/usr/bin/python3
"""Compares what the fuzz tests read of damaged files with what independent readers read of them.

    DENSE_MUTATIONS=10000 DENSE_MUTATIONS_OUT=/tmp/mutations dotnet test Tests -c Release --filter FullyQualifiedName~FuzzTests
    /usr/bin/python3 Tests/Fuzzing/confirm.py /tmp/mutations [READER ...]

The independent readers are PyTorch (with an unpickler that makes nothing but tensors and plain data), OpenCV, Python's own json and ast,
and safetensors' published rules. Needs torch, numpy and cv2. Ends with 1 if anything differs: a file that DenseEngine read and the other
reader reads differently, or refuses for more than a checksum. Each batch runs in a child process, so that a crash of the other reader ends
only the file that caused it.
"""
import ast
import collections
import hashlib
import io
import json
import os
import pickle
import resource
import signal
import struct
import sys
import types
import warnings
import zlib

warnings.filterwarnings("ignore")
os.environ.setdefault("OPENCV_LOG_LEVEL", "OFF")
BATCH = 200


class Refusal(Exception):
    """The independent reader does not read the file."""


# PyTorch -------------------------------------------------------------------------------------------------------------

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


# safetensors ---------------------------------------------------------------------------------------------------------

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


# Pictures ------------------------------------------------------------------------------------------------------------

def picture_reader(data):
    import cv2
    import numpy
    try:
        picture = cv2.imdecode(numpy.frombuffer(data, numpy.uint8), cv2.IMREAD_COLOR) if data else None
    except cv2.error as error:
        raise Refusal(str(error)) from error
    if picture is None:
        raise Refusal("no picture")
    result = hashlib.sha256(f"{picture.shape[0]} {picture.shape[1]}\n".encode())
    result.update(picture.tobytes())
    return result.hexdigest()


def repair_png(data):
    """The file with checksums of chunks that fit."""
    at, fixed = 8, bytearray(data)
    while at + 12 <= len(data):
        length = struct.unpack(">I", data[at:at + 4])[0]
        if at + 12 + length > len(data):
            break
        fixed[at + 8 + length:at + 12 + length] = struct.pack(">I", zlib.crc32(data[at + 4:at + 8 + length]))
        at += 12 + length
    return bytes(fixed)


# COCO ----------------------------------------------------------------------------------------------------------------

def number(value):
    return type(value) in (int, float)


def load_json(data):
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Refusal(str(error)) from error


def annotations_check(data, read):
    """Whether each kept entry stands so in the file, the first of its id, and everything sound is kept."""
    file, kept = load_json(data), json.loads(read)
    whole = lambda entry, key: entry.get(key) if type(entry.get(key)) is int and -2**63 <= entry.get(key) < 2**63 else None
    images, categories, annotations, broken = {}, {}, {}, set()
    for entry in file["categories"]:
        if type(entry) is dict and whole(entry, "id") is not None:
            name = entry.get("name")
            categories.setdefault(entry["id"], name if type(name) is str else "")
    for entry in file["images"]:
        if type(entry) is not dict or whole(entry, "id") is None or entry["id"] in images:
            continue
        name, sizes = entry.get("file_name"), [whole(entry, "width"), whole(entry, "height")]
        good = type(name) is str and name and not name.startswith("/") and ":" not in name and "\0" not in name \
            and ".." not in name.replace("\\", "/").split("/") and all(size is not None and 0 < size < 2**31 for size in sizes)
        if good:
            images[entry["id"]] = [*sizes, name]
        else:
            broken.add(entry["id"])
    seen = set()
    for entry in file["annotations"]:
        if type(entry) is not dict or whole(entry, "id") is None or whole(entry, "image_id") in broken:
            continue
        if whole(entry, "image_id") not in images or whole(entry, "category_id") not in categories or entry["id"] in seen:
            continue
        seen.add(entry["id"])
        box = sound_box(entry.get("bbox"))
        if box is None:
            continue
        crowd, area, ignore = entry.get("iscrowd", 0), entry.get("area"), entry.get("ignore", 0)
        area = float(area) if number(area) and 0 <= area < 1.8e308 else box[2] * box[3]
        whole_ignore = whole(entry, "ignore")
        annotations[entry["id"]] = [entry["image_id"], entry["category_id"], *box, area, not (type(crowd) is int and crowd == 0),
                                    ignore is True or whole_ignore not in (None, 0)]
    compare("images", {entry[0]: entry[1:] for entry in kept["images"]}, images)
    compare("categories", {entry[0]: entry[1] for entry in kept["categories"]}, categories)
    compare("annotations", {entry[0]: entry[1:] for entry in kept["annotations"]}, annotations)


def sound_box(box):
    import numpy
    if type(box) is not list or len(box) != 4 or not all(number(side) for side in box):
        return None
    try:
        x, y, width, height = map(float, box)
    except OverflowError:
        return None
    with numpy.errstate(over="ignore", invalid="ignore"):
        single = [float(numpy.float32(value)) for value in (x, y, x + width, y + height, width * height)]
    return [x, y, width, height] if width >= 0 and height >= 0 and all(abs(value) < float("inf") for value in single) else None


def compare(what, ours, theirs):
    if ours != theirs:
        keys = [key for key in {**ours, **theirs} if ours.get(key) != theirs.get(key)]
        raise ValueError(f"{what} {keys[0]}: {ours.get(keys[0])} instead of {theirs.get(keys[0])}")


def results_check(data, read):
    """Whether the kept detections are the sound ones, in order."""
    case = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Fixtures/coco/mixed/annotations.json")
    with open(case, "rb") as file:
        truth = json.load(file)
    images, categories = {image["id"] for image in truth["images"]}, {category["id"] for category in truth["categories"]}
    expected = []
    for entry in load_json(data):
        if type(entry) is not dict:
            continue
        image, category, box, score = entry.get("image_id"), entry.get("category_id"), sound_box(entry.get("bbox")), entry.get("score")
        if type(image) is int and image in images and type(category) is int and category in categories and box is not None \
                and number(score) and abs(score) < 1.8e308:
            expected.append([image, category, *box, float(score)])
    kept = json.loads(read)
    if kept != expected:
        raise ValueError(f"{len(kept)} detections instead of {len(expected)}, or others")


# Configurations ------------------------------------------------------------------------------------------------------

def whole_power(base, exponent):
    if abs(base) > 1 and exponent > 64:
        raise Refusal("too large")
    return base ** exponent


OPERATORS = {ast.Add: lambda a, b: a + b, ast.Sub: lambda a, b: a - b, ast.Mult: lambda a, b: a * b, ast.Div: lambda a, b: a / b,
             ast.FloorDiv: lambda a, b: a // b, ast.Mod: lambda a, b: a % b,
             ast.Pow: lambda a, b: whole_power(a, b) if type(a) is type(b) is int else float(a) ** float(b)}


def evaluate(node, names):
    """A plain value; the text is not executed."""
    if isinstance(node, ast.Constant):
        if node.value is not None and type(node.value) not in (bool, int, float, str):
            raise Refusal("a constant")
        return node.value
    if isinstance(node, ast.List):
        return [evaluate(item, names) for item in node.elts]
    if isinstance(node, ast.Tuple):
        return tuple(evaluate(item, names) for item in node.elts)
    if isinstance(node, ast.Dict):
        result = {}
        for key, value in zip(node.keys, node.values):
            if key is None:
                result.update(evaluate(value, names))
            else:
                first = evaluate(key, names)
                result[first] = evaluate(value, names)
        return result
    if isinstance(node, ast.Name):
        if node.id in names:
            return names[node.id]
        if node.id in ("inf", "nan"):
            return float(node.id)
        raise Refusal(f"the name {node.id}")
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.UAdd, ast.USub)):
        value = evaluate(node.operand, names)
        return -value if isinstance(node.op, ast.USub) else +value
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        left, right = evaluate(node.left, names), evaluate(node.right, names)
        strings = type(left) is type(right) is str and isinstance(node.op, ast.Add)
        if not strings and not all(type(side) in (int, float) for side in (left, right)):
            raise Refusal("operands")
        return OPERATORS[type(node.op)](left, right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        result = dict(*[evaluate(item, names) for item in node.args])
        seen = set()
        for keyword in node.keywords:
            part = {keyword.arg: evaluate(keyword.value, names)} if keyword.arg else evaluate(keyword.value, names)
            if seen & part.keys() or not all(type(key) is str for key in part):
                raise Refusal("a key")
            seen |= part.keys()
            result.update(part)
        return result
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float" and len(node.args) == 1:
        return float(evaluate(node.args[0], names))
    raise Refusal(type(node).__name__)


def config_reader(data):
    names = {}
    try:
        for statement in ast.parse(data.decode("latin1")).body:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and type(statement.value.value) is str:
                continue
            if not isinstance(statement, ast.Assign) or not all(isinstance(target, ast.Name) for target in statement.targets):
                raise Refusal(type(statement).__name__)
            value = evaluate(statement.value, names)
            for target in statement.targets:
                names[target.id] = value
    except (SyntaxError, ValueError, TypeError, ArithmeticError, RecursionError, MemoryError) as error:
        raise Refusal(f"{type(error).__name__}: {error}") from error
    told = []
    for name in sorted(names, key=lambda text: text.encode("utf-16-be", "surrogatepass")):
        tell(told, name)
        tell(told, names[name])
    return "".join(told)[:100_000]


def tell(told, value):
    """The form of ConfigTexts.Read."""
    if value is None or type(value) is bool:
        told.append("N" if value is None else "T" if value else "F")
    elif type(value) is int:
        told.append(f"i{value};")
    elif type(value) is float:
        told.append("nan;" if value != value else f"f{struct.unpack('<Q', struct.pack('<d', value))[0]:016x};")
    elif type(value) is str:
        told.append(f"s{value.encode('utf-16-le', 'surrogatepass').hex()};")
    elif len(told) > 100_000:
        return
    elif type(value) is dict:
        told.append("{")
        for key, item in value.items():
            tell(told, key)
            tell(told, item)
        told.append("}")
    else:
        told.append("(" if type(value) is tuple else "[")
        for item in value:
            tell(told, item)
        told.append(")" if type(value) is tuple else "]")


# All readers ---------------------------------------------------------------------------------------------------------

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


def main():
    root, wanted = sys.argv[1], sys.argv[2:]
    readers = [name for name in READERS if os.path.isdir(os.path.join(root, name)) and (not wanted or name in wanted)]
    if any(name.startswith("pth") for name in readers):
        demand_safety()
    import cv2
    import numpy
    assert cv2 and numpy
    failed = False
    print(f"{'reader':14}{'read':>7}{'equal':>7}{'checksum':>10}{'different':>11}")
    for name in readers:
        folder = os.path.join(root, name)
        numbers = sorted(int(file) for file in os.listdir(folder) if file.isdecimal())
        paths = [os.path.join(folder, str(each)) for each in numbers]
        verdicts = [each for at in range(0, len(paths), BATCH) for each in batch(READERS[name], paths[at:at + BATCH])]
        counts = collections.Counter(each.split(" ")[0] for each in verdicts)
        print(f"{name:14}{len(paths):7}{counts['equal']:7}{counts['checksum']:10}{counts['DIFFERENT']:11}", flush=True)
        for path, each in zip(paths, verdicts):
            if each.startswith("DIFFERENT"):
                failed = True
                print(f"    {path}: {each[10:]}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
