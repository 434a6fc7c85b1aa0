#!/usr/bin/env python3
"""Makes BMP and PNM pictures of variants that few programs write, with OpenCV's pixels for them: Tests/Fixtures/pictures.

Usage: make_pictures.py FOLDER"""
import hashlib
import json
import random
import struct
import sys
from pathlib import Path

import cv2

import safetensors

r = random.Random(3)


def noise(count):
    return bytes(r.randrange(256) for _ in range(count))


def pnm(kind, width, height, most=None):
    head = f'P{kind}\n# a comment\n{width} {height}\n' + (f'{most}\n' if most else '')
    samples = width * height * (3 if kind in (3, 6) else 1)
    if kind == 1:
        body = b' '.join(r.choice((b'0', b'1', b'01'))[:1] for _ in range(samples)) + b'\n'
    elif kind in (2, 3):
        body = b' '.join(b'%d' % r.randrange(most + 2) for _ in range(samples)) + b'\n'
    elif kind == 4:
        body = noise((width + 7) // 8 * height)
    else:
        body = noise(samples * (2 if most > 255 else 1))
    return head.encode() + body


def bmp(width, height, bits, header=40, coding=0, pixels=None):
    pitch = (width * bits + 31) // 32 * 4
    palette = noise((3 if header == 12 else 4) << bits) if bits <= 8 else b''
    if header == 12:
        info = struct.pack('<IHHHH', 12, width, height, 1, bits)
    else:
        masks = struct.pack('<IIII', 0xFF0000, 0xFF00, 0xFF, 0) if coding == 3 else bytes(16)
        info = struct.pack('<IiiHHIIiiII', header, width, height, 1, bits, coding, 0, 0, 0, 0, 0) + (masks + bytes(100))[:header - 40]
    body = noise(pitch * abs(height)) if pixels is None else pixels
    return b'BM' + struct.pack('<IHHI', 0, 0, 0, 14 + len(info) + len(palette)) + info + palette + body


def runs(width, bits=8):
    out = b''
    for _ in range(60):
        kind = r.randrange(6)
        if kind < 3:
            out += bytes([r.randrange(1, width + 1), r.randrange(256)])
        elif kind == 3 and width > 3:
            count = r.randrange(3, width + 1)
            out += bytes([0, count]) + noise((count * bits + 15) // 16 * 2)
        elif kind == 4:
            out += bytes([0, 0])
        else:
            out += bytes([0, 2, r.randrange(width), r.randrange(2)])
    return out + bytes([0, 1])


def main():
    folder = Path(sys.argv[1])
    files, tensors = {}, {}

    def put(name, data):
        (folder / name).write_bytes(data)
        image = cv2.imread(str(folder / name), cv2.IMREAD_COLOR)
        if image is None:   # runs beyond a line's end
            (folder / name).unlink()
            return
        files[name] = {'height': image.shape[0], 'width': image.shape[1], 'sha256_bgr': hashlib.sha256(image.tobytes()).hexdigest()}
        tensors[name] = image

    put('bits_text.pbm', pnm(1, 13, 7))
    put('bits.pbm', pnm(4, 13, 7))
    for most in (1, 15, 99, 255, 300, 65535):
        put(f'grey_text_{most}.pgm', pnm(2, 11, 6, most))
        put(f'colour_text_{most}.ppm', pnm(3, 9, 5, most))
        put(f'grey_{most}.pgm', pnm(5, 11, 6, most))
        put(f'colour_{most}.ppm', pnm(6, 9, 5, most))
    for bits in (1, 4, 8, 24, 32):
        put(f'os2_{bits}.bmp', bmp(17, 6, bits, header=12))
        for header in (52, 56, 64, 108, 124):
            put(f'header{header}_{bits}.bmp', bmp(15, -5 if header == 108 else 5, bits, header, coding=3 if bits == 32 else 0))
    for i in range(40):
        width, height = r.randrange(1, 12), r.randrange(1, 8)
        put(f'runs_{i}.bmp', bmp(width, r.choice((height, -height)), 8, coding=1, pixels=runs(width)))
    for i in range(60):
        width, height = r.randrange(1, 12), r.randrange(1, 8)
        put(f'runs4_{i}.bmp', bmp(width, r.choice((height, -height)), 4, coding=2, pixels=runs(width, bits=4)))
    (folder / 'expected.json').write_text(json.dumps({'about': 'as in the group images', 'files': files}, indent=1) + '\n')
    safetensors.write(folder / 'pixels.safetensors', tensors)


main()
