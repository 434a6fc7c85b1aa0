#!/usr/bin/env python3
"""Makes JPEG pictures of odd sizes, samplings and kinds, with OpenCV's pixels for them: Tests/Fixtures/jpegs.

Needs OpenCV with libjpeg-turbo, and libjpeg-turbo's cjpeg and jpegtran. Usage: make_jpegs.py FOLDER"""
import hashlib
import json
import struct
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np

import safetensors

r = np.random.default_rng(8)


def scene(width, height):
    """Smooth colours, some noise, some hard edges."""
    coarse = r.integers(0, 256, (height // 16 + 2, width // 16 + 2, 3)).astype(np.uint8)
    image = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR).astype(int)
    image += r.integers(-6, 7, image.shape)
    image[height // 3:height // 2, width // 4:width // 2] = (250, 10, 30)
    return np.clip(image, 0, 255).astype(np.uint8)


def cjpeg(image, *arguments):
    ppm = b'P6\n%d %d\n255\n' % (image.shape[1], image.shape[0]) + image.tobytes()
    return subprocess.run(['cjpeg', *arguments], input=ppm, stdout=subprocess.PIPE, check=True).stdout


def jpegtran(data, *arguments, scans=None):
    if scans:
        Path('/tmp/make_jpegs.scans').write_text(scans)
        arguments += ('-scans', '/tmp/make_jpegs.scans')
    return subprocess.run(['jpegtran', *arguments], input=data, stdout=subprocess.PIPE, check=True).stdout


def segments(data):
    """The header's segments, then the rest from SOS on."""
    parts, at = [data[:2]], 2
    while data[at + 1] != 0xDA:
        size = 2 + struct.unpack('>H', data[at + 2:at + 4])[0]
        parts.append(data[at:at + size])
        at += size
    return parts, data[at:]


def without(data, marker):
    parts, rest = segments(data)
    return b''.join(p for p in parts if p[1] != marker) + rest


def with_tables(data, table):
    """Other quantisation tables, of 16 bits: coefficients leave the usual range."""
    parts, rest = segments(data)
    out = b''
    for part in parts:
        if part[1] == 0xDB:
            part = b'\xff\xdb\x00\x83' + bytes([16 | part[4] & 15]) + b''.join(struct.pack('>H', v) for v in table())
        elif part[1] == 0xC0:
            part = b'\xff\xc1' + part[2:]
        out += part
    return out + rest


def insert(data, *new):
    return data[:2] + b''.join(new) + data[2:]


def app(number, body):
    return bytes([0xFF, 0xE0 + number]) + struct.pack('>H', len(body) + 2) + body


EXIF_6 = app(1, b'Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0')
SAMPLINGS = ('1x1', '2x1', '2x2', '1x2', '4x1', '4x2', '1x4', '2x4', '3x1', '1x1,2x1,1x2', '2x2,1x2,2x1', '1x1,2x2,2x2', '2x1,2x1,2x1')


def main():
    folder = Path(sys.argv[1])
    files, tensors, large = {}, {}, {}

    def put(name, data, pixels=True):
        (folder / name).write_bytes(data)
        image = cv2.imread(str(folder / name), cv2.IMREAD_COLOR)
        row = {'height': image.shape[0], 'width': image.shape[1], 'sha256_bgr': hashlib.sha256(image.tobytes()).hexdigest()}
        (files if pixels else large)[name] = row
        if pixels:
            tensors[name] = image

    for i, sampling in enumerate(SAMPLINGS):
        name = sampling.replace(',', '_')
        kinds = ((), ('-progressive',), ('-restart', '1'), ('-arithmetic',), ('-arithmetic', '-progressive'))
        for width, height in ((2, 3), (5, 2), (17, 19)):
            put(f'{name}_{width}x{height}.jpg', cjpeg(scene(width, height), '-quality', '80', '-sample', sampling, *kinds[i % 5]))
        if i < 7:
            put(f'{name}_131x41.jpg', cjpeg(scene(131, 41), '-quality', '85', '-sample', sampling, *kinds[i // 2]))

    small = scene(37, 22)
    plain = cjpeg(small, '-quality', '90', '-sample', '2x2')
    put('gray_2x2.jpg', cjpeg(scene(67, 20), '-grayscale', '-sample', '2x2'))
    put('rgb.jpg', cjpeg(scene(67, 20), '-rgb', '-sample', '2x1'))
    put('scan_for_each_component.jpg', jpegtran(plain, '-optimize', scans='0;\n1;\n2;\n'))
    put('scan_for_two_components.jpg', jpegtran(plain, '-optimize', scans='0;\n1 2;\n'))
    put('scans_of_single_bits.jpg', jpegtran(plain, scans=''.join(
        ['0 1 2: 0-0, 0, 2;\n', '0 1 2: 0-0, 2, 1;\n', '0 1 2: 0-0, 1, 0;\n']
        + [f'{c}: 1-63, 0, 3;\n{c}: 1-5, 3, 2;\n{c}: 6-63, 3, 2;\n{c}: 1-63, 2, 1;\n{c}: 1-63, 1, 0;\n' for c in range(3)])))
    put('scans_of_single_bits_arithmetic.jpg', jpegtran((folder / 'scans_of_single_bits.jpg').read_bytes(), '-arithmetic'))
    put('huffman_tables_missing.jpg', without(plain, 0xC4))
    put('adobe_rgb.jpg', insert(without(plain, 0xE0), app(14, b'Adobe\0d\0\0\0\0\0')))
    put('jfif_before_adobe.jpg', insert(plain, app(14, b'Adobe\0d\0\0\0\0\0')))
    put('orientation_after_other_app1.jpg', insert(plain, app(1, b'http://ns.adobe.com/xap/1.0/\0'), EXIF_6))
    put('orientation_after_empty_app1.jpg', insert(plain, app(1, b''), EXIF_6))
    put('bytes_before_eoi.jpg', plain[:-2] + b'\0\0\1\2' + plain[-2:])
    put('bytes_between_segments.jpg', insert(plain, app(5, b''), b'\0\1\2'))
    put('segments_of_length_0.jpg', insert(plain, b'\xff\xfe\0\0', b'\xff\xe5\0\1'))
    noise = cjpeg(r.integers(0, 256, (40, 40, 3)).astype(np.uint8), '-quality', '100', '-sample', '1x1')
    put('range_8_bit.jpg', with_tables(noise, lambda: r.integers(1, 256, 64)))
    put('range_12_bit.jpg', with_tables(noise, lambda: r.integers(1, 3000, 64)))
    put('range_16_bit.jpg', with_tables(noise, lambda: r.integers(0, 65536, 64)))
    put('range_flat.jpg', with_tables(cjpeg(scene(40, 24), '-quality', '20'), lambda: [40000] + [1] * 63))

    y, x = np.mgrid[0:1203, 0:1605]
    wide = np.stack([x / 7 + y / 9, 255 - x / 8, 40 + y / 6 + 20 * ((x // 200 + y // 150) % 2)], 2).astype(np.uint8)
    put('large.jpg', cjpeg(wide, '-quality', '30', '-optimize'), pixels=False)
    put('large_progressive.jpg', cjpeg(wide, '-quality', '30', '-progressive'), pixels=False)
    put('large_444_restart.jpg', cjpeg(wide, '-quality', '30', '-optimize', '-sample', '1x1', '-restart', '1'), pixels=False)

    (folder / 'expected.json').write_text(json.dumps({'about': 'as in the group images', 'files': files, 'large': large}, indent=1) + '\n')
    safetensors.write(folder / 'pixels.safetensors', tensors)


main()
