#!/usr/bin/env python3
"""GFL with ResNet-50 in PyTorch at its published size, with random weights under mmdetection's names: a peer for files and for speed.

Usage: gfl_r50.py FOLDER [HEIGHT WIDTH]   writes gfl_r50.pth (weights and configuration) and gfl_r50.safetensors (input and raw outputs)"""
import sys
import time
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision.models import resnet50

import safetensors

CLASSES, BINS, LEVELS = 80, 16, 5
CONFIG = """model = dict(
    type='GFL',
    backbone=dict(
        type='ResNet', depth=50, num_stages=4, out_indices=(0, 1, 2, 3), frozen_stages=1,
        norm_cfg=dict(type='BN', requires_grad=True), norm_eval=True, style='pytorch'),
    neck=dict(
        type='FPN', in_channels=[256, 512, 1024, 2048], out_channels=256, start_level=1,
        add_extra_convs='on_output', num_outs=5),
    bbox_head=dict(
        type='GFLHead', num_classes=80, in_channels=256, stacked_convs=4, feat_channels=256,
        anchor_generator=dict(
            type='AnchorGenerator', ratios=[1.0], octave_base_scale=8, scales_per_octave=1, strides=[8, 16, 32, 64, 128]),
        loss_cls=dict(type='QualityFocalLoss', use_sigmoid=True, beta=2.0, loss_weight=1.0),
        loss_dfl=dict(type='DistributionFocalLoss', loss_weight=0.25),
        reg_max=16,
        loss_bbox=dict(type='GIoULoss', loss_weight=2.0)),
    train_cfg=dict(assigner=dict(type='ATSSAssigner', topk=9), allowed_border=-1, pos_weight=-1, debug=False),
    test_cfg=dict(nms_pre=1000, min_bbox_size=0, score_thr=0.05, nms=dict(type='nms', iou_threshold=0.6), max_per_img=100))
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(
        type='MultiScaleFlipAug', img_scale=(1333, 800), flip=False,
        transforms=[
            dict(type='Resize', keep_ratio=True),
            dict(type='RandomFlip'),
            dict(type='Normalize', mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], to_rgb=True),
            dict(type='Pad', size_divisor=32),
            dict(type='ImageToTensor', keys=['img']),
            dict(type='Collect', keys=['img'])
        ])
]
"""


class ConvModule(nn.Module):
    """A convolution, with group norm and ReLU where there are groups."""

    def __init__(self, inputs, outputs, size, stride=1, groups=0):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=groups == 0)
        if groups:
            self.gn = nn.GroupNorm(groups, outputs)

    def forward(self, x):
        x = self.conv(x)
        return F.relu(self.gn(x), inplace=True) if hasattr(self, 'gn') else x


class Neck(nn.Module):
    def __init__(self):
        super().__init__()
        self.lateral_convs = nn.ModuleList(ConvModule(c, 256, 1) for c in (512, 1024, 2048))
        self.fpn_convs = nn.ModuleList(ConvModule(256, 256, 3, 1 if i < 3 else 2) for i in range(LEVELS))

    def forward(self, maps):
        levels = self.lower(maps)
        for conv in self.fpn_convs[3:]:
            levels.append(conv(levels[-1]))
        return levels

    def lower(self, maps):
        merged = [conv(m) for conv, m in zip(self.lateral_convs, maps)]
        for i in (1, 0):
            merged[i] = merged[i] + F.interpolate(merged[i + 1], size=merged[i].shape[-2:])
        return [conv(m) for conv, m in zip(self.fpn_convs, merged)]


class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1.0))


class Integral(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer('project', torch.linspace(0, BINS, BINS + 1))


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.cls_convs = nn.ModuleList(ConvModule(256, 256, 3, groups=32) for _ in range(4))
        self.reg_convs = nn.ModuleList(ConvModule(256, 256, 3, groups=32) for _ in range(4))
        self.gfl_cls, self.gfl_reg = nn.Conv2d(256, CLASSES, 3, padding=1), nn.Conv2d(256, 4 * (BINS + 1), 3, padding=1)
        self.scales = nn.ModuleList(Scale() for _ in range(LEVELS))
        self.integral = Integral()

    def forward(self, levels):
        scores, bins = [], []
        for level, scale in zip(levels, self.scales):
            cls = reg = level
            for a, b in zip(self.cls_convs, self.reg_convs):
                cls, reg = a(cls), b(reg)
            scores.append(self.gfl_cls(cls))
            bins.append(self.gfl_reg(reg) * scale.scale)
        return scores, bins


class Gfl(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone, self.neck, self.bbox_head = resnet50(), Neck(), Head()
        del self.backbone.fc

    def forward(self, x):
        b, maps = self.backbone, []
        x = b.maxpool(b.relu(b.bn1(b.conv1(x))))
        for stage in (b.layer1, b.layer2, b.layer3, b.layer4):
            x = stage(x)
            maps.append(x)
        return self.bbox_head(self.neck(maps[1:]))


def kept(model, path, randomise, config):
    """A model with the weights of its checkpoint, which is made if it is not there."""
    if not path.exists():
        randomise(model)
        torch.save({'meta': {'config': config, 'CLASSES': tuple(f'class {i}' for i in range(CLASSES)), 'mmdet_version': '2.25.3'},
                    'state_dict': model.state_dict()}, path)
    model.load_state_dict(torch.load(path)['state_dict'])
    return model


def randomise(model):
    generator = torch.Generator().manual_seed(50)

    def draw(tensor, mean, std):
        tensor.copy_(torch.randn(tensor.shape, generator=generator) * std + mean)

    with torch.no_grad():
        for name, m in model.named_modules():
            if isinstance(m, nn.Conv2d):
                draw(m.weight, 0, (2 / (m.in_channels * m.kernel_size[0] ** 2)) ** 0.5)
                if m.bias is not None:
                    draw(m.bias, -2 if name.endswith('gfl_cls') else 0, 0.1)
            elif isinstance(m, (nn.BatchNorm2d, nn.GroupNorm)):
                draw(m.weight, 0.3 if name.endswith('bn3') else 1, 0.05)
                draw(m.bias, 0, 0.1)
                if isinstance(m, nn.BatchNorm2d):
                    draw(m.running_mean, 0, 0.1)
                    m.running_var.copy_(torch.rand(m.running_var.shape, generator=generator) + 0.5)
            elif isinstance(m, Scale):
                draw(m.scale, 1, 0.1)


def picture(height, width):
    return torch.randn(1, 3, height, width, generator=torch.Generator().manual_seed(7))


def checkpoint(folder):
    """The path of the checkpoint in a folder; it is made if it is not there."""
    path = Path(folder) / 'gfl_r50.pth'
    if not path.exists():
        model = Gfl().eval()
        randomise(model)
        torch.save({'meta': {'config': CONFIG, 'CLASSES': tuple(f'class {i}' for i in range(CLASSES)), 'mmdet_version': '2.25.3'},
                    'state_dict': model.state_dict()}, path)
    return path


def main():
    torch.set_num_threads(2)
    folder, size = Path(sys.argv[1]), [int(a) for a in sys.argv[2:]] or [800, 1344]
    model, x = Gfl().eval(), picture(*size)
    model.load_state_dict(torch.load(checkpoint(folder))['state_dict'])
    with torch.no_grad():
        scores, bins = model(x)
    tensors = {'input': x}
    for i in range(LEVELS):
        tensors[f'out.cls_score.{i}'], tensors[f'out.bbox_pred.{i}'] = scores[i], bins[i]
    safetensors.write(folder / 'gfl_r50.safetensors', tensors)


if __name__ == '__main__':
    main()
