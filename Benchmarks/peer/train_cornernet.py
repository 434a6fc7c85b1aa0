#!/usr/bin/env python3
"""CornerNet with a small hourglass in PyTorch on the demonstration's pictures: the peer of `dense demo --config cornernet/cornernet_hg_demo`.

One hourglass that halves three times, Adam, a cosine's rate, batches of 8, gradients clipped to 35; targets, losses, decoding and soft
suppression as in mmdetection.
Usage: train_cornernet.py FOLDER PICTURES RESULTS.json   (FOLDER: the set that `dense demo` writes; PICTURES: how many to train on)
Then: ./dense eval --annotations FOLDER/val.json --results RESULTS.json"""
import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from hourglass import HourglassNet, convolution
from train_demo import load, train

CHANNELS, BLOCKS, WIDTH, RATE = (32, 32, 48, 64), (1, 1, 1, 1), 32, 2e-3
TOP, DISTANCE, OVERLAP, FOUND = 40, .5, .3, 100


class CornerPool(nn.Module):
    """mmdetection's BiCornerPool: two running maxima, summed, and convolutions around them."""

    def __init__(self, axes, flips):
        super().__init__()
        self.axes, self.flips = axes, flips
        self.direction1_conv, self.direction2_conv = convolution(WIDTH, WIDTH, 3), convolution(WIDTH, WIDTH, 3)
        self.aftpool_conv, self.conv1 = convolution(WIDTH, WIDTH, 3, relu=False), convolution(WIDTH, WIDTH, 1, relu=False)
        self.conv2 = convolution(WIDTH, WIDTH, 3)

    def forward(self, x):
        pools = 0
        for conv, axis in zip((self.direction1_conv, self.direction2_conv), self.axes):
            y = conv(x)
            pools = pools + (y.flip(axis).cummax(axis)[0].flip(axis) if self.flips else y.cummax(axis)[0])
        return self.conv2(F.relu(self.aftpool_conv(pools) + self.conv1(x)))


def branch(outputs):
    return nn.Sequential(nn.Conv2d(WIDTH, WIDTH, 3, 1, 1), nn.ReLU(), nn.Conv2d(WIDTH, outputs, 1))


class CornerNet(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.backbone = HourglassNet(len(CHANNELS) - 1, 1, CHANNELS, BLOCKS, WIDTH)   # its convolutions stay as PyTorch makes them
        self.tl_pool, self.br_pool = CornerPool((2, 3), True), CornerPool((2, 3), False)
        self.branches = nn.ModuleList(nn.ModuleList(branch(n) for n in (classes, 1, 2)) for _ in range(2))
        firsts = [part for pair in self.branches for part in pair]
        for module in [*self.tl_pool.modules(), *self.br_pool.modules(), *(part[0] for part in firsts)]:
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode='fan_out', nonlinearity='relu')
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        for pair in self.branches:
            nn.init.constant_(pair[0][-1].bias, -math.log(9))

    def forward(self, x):
        x = self.backbone(x)[-1]
        return [[part(pool(x)) for part in pair] for pool, pair in zip((self.tl_pool, self.br_pool), self.branches)]


def radius_of(height, width):
    b, c = height + width, width * height * (1 - OVERLAP) / (1 + OVERLAP)
    first = (b - math.sqrt(b * b - 4 * c)) / 2
    b, c = 2 * (height + width), (1 - OVERLAP) * width * height
    second = (b - math.sqrt(b * b - 16 * c)) / 8
    a, b, c = 4 * OVERLAP, -2 * OVERLAP * (height + width), (OVERLAP - 1) * width * height
    return max(0, int(min(first, second, (b + math.sqrt(b * b - 4 * a * c)) / (2 * a))))


def draw(heat, y, x, radius):
    """The larger of a map's values and a gaussian's around a cell."""
    size, sigma = heat.shape[-1], (2 * radius + 1) / 6
    axis = np.arange(-radius, radius + 1)
    blob = np.exp(-(axis[:, None] ** 2 + axis ** 2) / (2 * sigma * sigma)).astype(np.float32)
    blob[blob < np.finfo(np.float32).eps] = 0
    top, bottom, left, right = min(y, radius), min(size - y, radius + 1), min(x, radius), min(size - x, radius + 1)
    part = heat[y - top:y + bottom, x - left:x + right]
    np.maximum(part, blob[radius - top:radius + bottom, radius - left:radius + right], out=part)


def targets_of(truths, classes, size, stride):
    """For each kind of corners heat maps, offsets and the mask; the objects' cells."""
    kinds = [(np.zeros((len(truths), classes, size, size), np.float32), np.zeros((len(truths), 2, size, size), np.float32),
              np.zeros((len(truths), 1, size, size), np.float32)) for _ in range(2)]
    objects = []
    for i, (boxes, labels) in enumerate(truths):
        objects.append([])
        for box, label in zip((boxes / stride).tolist(), labels.tolist()):
            radius, cells = radius_of(math.ceil(box[3] - box[1]), math.ceil(box[2] - box[0])), []
            for (heat, offset, mask), (x, y) in zip(kinds, (box[:2], box[2:])):
                column, row = int(min(x, size - 1)), int(min(y, size - 1))
                draw(heat[i, label], row, column, radius)
                offset[i, :, row, column] = x - column, y - row
                mask[i, 0, row, column] = 1
                cells.append((row, column))
            objects[-1].append(cells)
    return [tuple(map(torch.from_numpy, kind)) for kind in kinds], objects


def loss_of(outputs, truths, classes, stride):
    kinds, objects = targets_of(truths, classes, outputs[0][0].shape[-1], stride)
    loss = 0
    for (heat, _, offset), (target, moved, mask) in zip(outputs, kinds):
        p, peaks = heat.sigmoid(), target.eq(1)
        each = -(p + 1e-12).log() * (1 - p) ** 2 * peaks - (1 - p + 1e-12).log() * p ** 2 * (1 - target) ** 4
        loss = loss + each.sum() / max(1, int(peaks.sum())) / 2
        loss = loss + (F.smooth_l1_loss(offset, moved, reduction='none') * mask).sum() / max(1, float(mask.sum())) / 2
    for i, cells in enumerate(objects):
        if not cells:
            continue
        pair = [torch.stack([output[1][i, 0, one[k][0], one[k][1]] for one in cells]) for k, output in enumerate(outputs)]
        mean, count = (pair[0] + pair[1]) / 2, len(cells)
        loss = loss + .1 * ((pair[0] - mean) ** 2 + (pair[1] - mean) ** 2).sum() / count
        if count > 1:
            apart = F.relu(1 - (mean[None] - mean[:, None]).abs())
            loss = loss + .1 * (apart.sum() - apart.diagonal().sum()) / (count * (count - 1))
    return loss


def corners(heat, embedding, offset):
    """The highest local maxima of a picture: scores, classes, places and embeddings."""
    heat = heat.sigmoid()
    heat = heat * (F.max_pool2d(heat[None], 3, 1, 1)[0] == heat)
    scores, places = heat.flatten().topk(TOP)
    size = heat.shape[-1]
    labels, cells = places // (size * size), places % (size * size)
    at = torch.stack([cells % size, cells // size], 1) + offset.flatten(1)[:, cells].T
    return scores, labels, at, embedding.flatten()[cells]


def suppress(boxes, scores):
    """Gaussian soft suppression of one class: the order of choice and the scores then."""
    order, scores = [], scores.clone()
    left = torch.ones_like(scores, dtype=torch.bool)
    while left.any():
        best = int(torch.where(left, scores, torch.tensor(-1.)).argmax())
        if scores[best] <= 1e-3:
            break
        left[best] = False
        order.append((best, float(scores[best])))
        inter = (torch.min(boxes[:, 2:], boxes[best, 2:]) - torch.max(boxes[:, :2], boxes[best, :2])).clamp(min=0).prod(1)
        areas = (boxes[:, 2:] - boxes[:, :2]).prod(1)
        iou = inter / (areas + areas[best] - inter)
        scores = torch.where(left, scores * torch.exp(-iou * iou / .5), scores)
    return order


def detect(outputs, stride):
    first, second = (corners(*(part[0] for part in output)) for output in outputs)
    fits = (first[1][:, None] == second[1]) & (first[2][:, None] < second[2]).all(2) & ((first[3][:, None] - second[3]).abs() <= DISTANCE)
    a, b = fits.nonzero(as_tuple=True)
    boxes, scores, labels = torch.cat([first[2][a], second[2][b]], 1).clamp(min=0) * stride, (first[0][a] + second[0][b]) / 2, first[1][a]
    best = scores.topk(min(1000, len(scores)))[1]
    boxes, scores, labels, found = boxes[best], scores[best], labels[best], []
    for label in labels.unique().tolist():
        rows = (labels == label).nonzero()[:, 0]
        found += [(score, label, boxes[rows[k]].tolist()) for k, score in suppress(boxes[rows], scores[rows])]
    return sorted(found, reverse=True)[:FOUND]


def main():
    folder, pictures, out = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    torch.manual_seed(0)
    torch.set_num_threads(2)
    given, categories = load(folder, 'train')
    model, size, stride = CornerNet(len(categories)), given[0][1].shape[-1], 4
    optimiser = torch.optim.Adam(model.parameters(), RATE)
    train(model, optimiser, RATE, given, pictures,
          lambda outputs, truths: loss_of(outputs, truths, len(categories), stride))
    model.eval()
    found = []
    with torch.no_grad():
        for image, picture, _, _ in load(folder, 'val')[0]:
            for score, label, (x1, y1, x2, y2) in detect(model(picture[None]), stride):
                found.append({'image_id': image['id'], 'category_id': categories[label], 'bbox': [x1, y1, x2 - x1, y2 - y1], 'score': score})
    Path(out).write_text(json.dumps(found))


if __name__ == '__main__':
    main()
