"""Pictures, read by OpenCV."""
import hashlib
import struct
import zlib

from refusal import Refusal


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
