"""The dense heads on ResNet-50 in PyTorch, at their published sizes, with random weights under mmdetection's names: peers for speed.
Deformable convolutions are torchvision's."""
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision.ops import deform_conv2d

import gfl_r50
from gfl_r50 import Scale

CLASSES, STRIDES, WIDTH = 80, [8, 16, 32, 64, 128], 256
PIPELINE = gfl_r50.CONFIG[gfl_r50.CONFIG.index('test_pipeline'):]
FOCAL = dict(type='FocalLoss', use_sigmoid=True, gamma=2.0, alpha=0.25, loss_weight=1.0)
QUALITY = dict(type='CrossEntropyLoss', use_sigmoid=True, loss_weight=1.0)
ANCHOR = dict(type='AnchorGenerator', ratios=[1.0], octave_base_scale=8, scales_per_octave=1, strides=STRIDES)
CODER = dict(type='DeltaXYWHBBoxCoder', target_means=[.0, .0, .0, .0], target_stds=[.1, .1, .2, .2])
ATSS = dict(assigner=dict(type='ATSSAssigner', topk=9), allowed_border=-1, pos_weight=-1, debug=False)
GN = dict(type='GN', num_groups=32, requires_grad=True)


def giou(weight):
    return dict(type='GIoULoss', loss_weight=weight)


class Layer(nn.Module):
    """A 3×3 convolution, deformable or not, group norm or a bias, ReLU."""

    def __init__(self, norm=True, deformable=False):
        super().__init__()
        self.conv = Deformable() if deformable else nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=not norm)
        if norm:
            self.gn = nn.GroupNorm(32, WIDTH)

    def forward(self, x):
        x = self.conv(x)
        return F.relu(self.gn(x) if hasattr(self, 'gn') else x, inplace=True)


class Star(nn.Module):
    """A deformable convolution whose offsets are given."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(WIDTH, WIDTH, 3, 3))

    def forward(self, x, offset):
        return deform_conv2d(x, offset, self.weight, padding=1)


class Deformable(Star):
    """One that finds its offsets itself."""

    def __init__(self):
        super().__init__()
        self.conv_offset = nn.Conv2d(WIDTH, 18, 3, padding=1)

    def forward(self, x):
        return super().forward(x, self.conv_offset(x))


class Head(nn.Module):
    """Two towers, and what a kind of head makes of their ends: three lists at most."""
    depth, norm, deformable, scaled = 4, True, False, True
    neck = dict(add_extra_convs='on_output')

    def __init__(self):
        super().__init__()
        for tower in 'cls_convs', 'reg_convs':
            setattr(self, tower, nn.ModuleList(Layer(self.norm, self.deformable and i == 0) for i in range(self.depth)))
        if self.scaled:
            self.scales = nn.ModuleList(Scale() for _ in STRIDES)
        self.layers()

    def forward(self, levels):
        found = []
        for i, level in enumerate(levels):
            cls = reg = level
            for a, b in zip(self.cls_convs, self.reg_convs):
                cls, reg = a(cls), b(reg)
            found.append(self.predict(cls, reg, i))
        return tuple(map(list, zip(*found)))


def out(channels):
    return nn.Conv2d(WIDTH, channels, 3, padding=1)


class Retina(Head):
    norm, scaled, neck = False, False, dict(add_extra_convs='on_input')
    model, head = 'RetinaNet', dict(
        type='RetinaHead', loss_cls=FOCAL, loss_bbox=dict(type='L1Loss', loss_weight=1.0),
        bbox_coder=dict(CODER, target_stds=[1., 1., 1., 1.]),
        anchor_generator=dict(ANCHOR, octave_base_scale=4, scales_per_octave=3, ratios=[.5, 1., 2.]))
    learning = dict(assigner=dict(type='MaxIoUAssigner', pos_iou_thr=.5, neg_iou_thr=.4, min_pos_iou=0, ignore_iof_thr=-1),
                 allowed_border=-1, pos_weight=-1, debug=False)

    def layers(self):
        self.retina_cls, self.retina_reg = out(9 * CLASSES), out(36)

    def predict(self, cls, reg, i):
        return self.retina_cls(cls), self.retina_reg(reg)


class Fcos(Head):
    neck = dict(add_extra_convs='on_output', relu_before_extra_convs=True)
    model, learning, head = 'FCOS', None, dict(
        type='FCOSHead', strides=STRIDES, norm_cfg=GN, loss_cls=FOCAL, loss_bbox=dict(type='IoULoss', loss_weight=1.0),
        loss_centerness=QUALITY)

    def layers(self):
        self.conv_cls, self.conv_reg, self.conv_centerness = out(CLASSES), out(4), out(1)

    def predict(self, cls, reg, i):
        return self.conv_cls(cls), (self.conv_reg(reg) * self.scales[i].scale).exp(), self.conv_centerness(cls)


class Atss(Head):
    model, learning, last, head = 'ATSS', ATSS, 'atss_centerness', dict(
        type='ATSSHead', anchor_generator=ANCHOR, bbox_coder=CODER, loss_cls=FOCAL, loss_bbox=giou(2.0), loss_centerness=QUALITY)

    def layers(self):
        self.atss_cls, self.atss_reg = out(CLASSES), out(4)
        setattr(self, self.last, out(1))

    def predict(self, cls, reg, i):
        return self.atss_cls(cls), self.atss_reg(reg) * self.scales[i].scale, getattr(self, self.last)(reg)


class Ddod(Atss):
    deformable, model, last = True, 'DDOD', 'atss_iou'
    learning = dict(assigner=dict(type='ATSSAssigner', topk=9, alpha=.8), reg_assigner=dict(type='ATSSAssigner', topk=9, alpha=.5),
                 allowed_border=-1, pos_weight=-1, debug=False)
    head = dict(type='DDODHead', anchor_generator=ANCHOR, bbox_coder=CODER, loss_cls=FOCAL, loss_bbox=giou(2.0), loss_iou=QUALITY)


class Gfl2(Head):
    bins = 17
    model, learning, head = 'GFL', ATSS, dict(
        type='GFocalHead', anchor_generator=ANCHOR, reg_max=16, reg_topk=4, reg_channels=64, add_mean=True, loss_bbox=giou(2.0),
        loss_cls=dict(type='QualityFocalLoss', use_sigmoid=False, beta=2.0, loss_weight=1.0),
        loss_dfl=dict(type='DistributionFocalLoss', loss_weight=.25))

    def layers(self):
        self.gfl_cls, self.gfl_reg = out(CLASSES + 1), out(4 * self.bins)
        self.reg_conf = nn.Sequential(nn.Conv2d(20, 64, 1), nn.ReLU(), nn.Conv2d(64, 1, 1), nn.Sigmoid())
        self.integral = gfl_r50.Integral()

    def predict(self, cls, reg, i):
        edges = self.gfl_reg(reg) * self.scales[i].scale
        n, _, h, w = edges.shape
        best = edges.reshape(n, 4, self.bins, h, w).softmax(2).topk(4, 2)[0]
        quality = self.reg_conf(torch.cat([best, best.mean(2, keepdim=True)], 2).reshape(n, 20, h, w))
        return self.gfl_cls(cls).sigmoid() * quality, edges


class Vfnet(Head):
    depth, neck = 3, dict(add_extra_convs='on_output', relu_before_extra_convs=True)
    model, learning, head = 'VFNet', ATSS, dict(
        type='VFNetHead', strides=STRIDES, center_sampling=False, dcn_on_last_conv=False, use_atss=True, use_vfl=True,
        loss_cls=dict(type='VarifocalLoss', use_sigmoid=True, alpha=.75, gamma=2.0, iou_weighted=True, loss_weight=1.0),
        loss_bbox=giou(1.5), loss_bbox_refine=giou(2.0))

    def layers(self):
        self.vfnet_reg_conv, self.vfnet_reg, self.vfnet_reg_refine_dconv, self.vfnet_reg_refine = Layer(), out(4), Star(), out(4)
        self.scales_refine = nn.ModuleList(Scale() for _ in STRIDES)
        self.vfnet_cls_dconv, self.vfnet_cls = Star(), out(CLASSES)

    def predict(self, cls, reg, i):
        box = (self.vfnet_reg(self.vfnet_reg_conv(reg)) * self.scales[i].scale).exp() * (8 * STRIDES[i])
        left, top, right, bottom = (box / STRIDES[i]).unbind(1)
        down, across = (-top, torch.zeros_like(top), bottom), (-left, torch.zeros_like(left), right)
        star = torch.stack([step for y in range(3) for x in range(3) for step in (down[y] - (y - 1), across[x] - (x - 1))], 1)
        factor = (self.vfnet_reg_refine(F.relu(self.vfnet_reg_refine_dconv(reg, star), inplace=True)) * self.scales_refine[i].scale).exp()
        return self.vfnet_cls(F.relu(self.vfnet_cls_dconv(cls, star), inplace=True)), box, factor * box


HEADS = {'retinanet-r50': Retina, 'fcos-r50': Fcos, 'atss-r50': Atss, 'gflv2-r50': Gfl2, 'vfnet-r50': Vfnet, 'ddod-r50': Ddod}


class Neck(gfl_r50.Neck):
    """The pyramid, whose added levels begin at the last map or at the last level."""

    def __init__(self, head):
        super().__init__()
        self.from_map = head.neck['add_extra_convs'] == 'on_input'
        self.relu = head.neck.get('relu_before_extra_convs', False)
        if self.from_map:
            self.fpn_convs[3] = gfl_r50.ConvModule(2048, 256, 3, 2)

    def forward(self, maps):
        levels = self.lower(maps)
        last = self.fpn_convs[3](maps[-1] if self.from_map else levels[-1])
        return [*levels, last, self.fpn_convs[4](F.relu(last) if self.relu else last)]


class Detector(gfl_r50.Gfl):
    def __init__(self, kind):
        super().__init__()
        self.bbox_head = HEADS[kind]()
        self.neck = Neck(self.bbox_head)


def config(kind):
    """mmdetection's text of a kind."""
    head = HEADS[kind]
    model = dict(
        type=head.model,
        backbone=dict(type='ResNet', depth=50, num_stages=4, out_indices=(0, 1, 2, 3), frozen_stages=1,
                      norm_cfg=dict(type='BN', requires_grad=True), norm_eval=True, style='pytorch'),
        neck=dict(type='FPN', in_channels=[256, 512, 1024, 2048], out_channels=WIDTH, start_level=1, num_outs=5, **head.neck),
        bbox_head=dict(head.head, num_classes=CLASSES, in_channels=WIDTH, stacked_convs=head.depth, feat_channels=WIDTH),
        train_cfg=head.learning,
        test_cfg=dict(nms_pre=1000, min_bbox_size=0, score_thr=.05, nms=dict(type='nms', iou_threshold=.6), max_per_img=100))
    return f'model = {model!r}\n{PIPELINE}'


def randomise(model):
    """Weights as the other peers have, and deformable convolutions' offsets of some cells."""
    gfl_r50.randomise(model)
    generator = torch.Generator().manual_seed(51)
    with torch.no_grad():
        for name, m in model.named_modules():
            if isinstance(m, Star):
                m.weight.normal_(0, (2 / (9 * WIDTH)) ** .5, generator=generator)
            if name.endswith(('conv_offset', 'vfnet_reg', 'vfnet_reg_refine', 'conv_reg')):
                m.weight.mul_(.3)
            if name.endswith('vfnet_reg'):
                m.bias.fill_(-1.4)


def network(kind, folder):
    """The network with its checkpoint's weights, which is made if it is not there."""
    return gfl_r50.kept(Detector(kind).eval(), Path(folder) / f'{kind}.pth', randomise, config(kind))
