"""Files of float32 tensors, as much of the safetensors format as the peers need."""
import json
import struct
from pathlib import Path

import numpy as np


def write(path, tensors):
    """Writes {name: array}; arrays may be NumPy's or PyTorch's."""
    header, data, at = {}, [], 0
    for name, tensor in tensors.items():
        array = np.asarray(tensor.detach().numpy() if hasattr(tensor, 'detach') else tensor, order='C')
        kind = {'float32': 'F32', 'int32': 'I32', 'uint8': 'U8'}[str(array.dtype)]
        header[name] = {'dtype': kind, 'shape': list(array.shape), 'data_offsets': [at, at + array.nbytes]}
        data.append(array)
        at += array.nbytes
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as file:
        file.write(struct.pack('<Q', len(text)) + text)
        for array in data:
            file.write(array.data if array.size else b'')


def read(path):
    """Reads {name: NumPy array}."""
    raw = np.fromfile(path, np.uint8)
    length = struct.unpack('<Q', raw[:8].tobytes())[0]
    header, start = json.loads(raw[8:8 + length].tobytes()), 8 + length
    types = {'F32': np.float32, 'I32': np.int32, 'U8': np.uint8}
    return {name: raw[start + entry['data_offsets'][0]:start + entry['data_offsets'][1]].view(types[entry['dtype']]).reshape(entry['shape'])
            for name, entry in header.items() if name != '__metadata__'}
