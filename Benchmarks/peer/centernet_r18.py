"""CenterNet with ResNet-18 in PyTorch, plain and with deformable convolutions (torchvision's), with random weights under mmdetection's
names: a peer for speed."""
from pathlib import Path

import torch
import torch.nn as nn
from torchvision.models import resnet18
from torchvision.ops import deform_conv2d

import gfl_r50

CLASSES, FILTERS, WIDTH = 80, (256, 128, 64), 64
KINDS = ('centernet-r18', 'centernet-r18-dcn')
PIPELINE = """test_pipeline = [
    dict(type='LoadImageFromFile', to_float32=True),
    dict(
        type='MultiScaleFlipAug', scale_factor=1.0, flip=False,
        transforms=[
            dict(type='Resize', keep_ratio=True),
            dict(type='RandomCenterCropPad', ratios=None, border=None, mean=[0, 0, 0], std=[1, 1, 1], to_rgb=True,
                 test_mode=True, test_pad_mode=['logical_or', 31], test_pad_add_pix=1),
            dict(type='RandomFlip'),
            dict(type='Normalize', mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], to_rgb=True),
            dict(type='Collect', keys=['img'])
        ])
]
"""


class Deformable(nn.Module):
    """A deformable convolution with a mask, which finds both itself."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs, 3, 3))
        self.conv_offset = nn.Conv2d(inputs, 27, 3, padding=1)

    def forward(self, x):
        moves = self.conv_offset(x)
        return deform_conv2d(x, moves[:, :18], self.weight, padding=1, mask=moves[:, 18:].sigmoid())


class Layer(nn.Module):
    """A convolution, batch norm, ReLU."""

    def __init__(self, conv, outputs):
        super().__init__()
        self.conv, self.bn = conv, nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.bn(self.conv(x)).relu_()


class Neck(nn.Module):
    def __init__(self, deforms):
        super().__init__()
        layers, inputs = [], 512
        for filters in FILTERS:
            conv = Deformable(inputs, filters) if deforms else nn.Conv2d(inputs, filters, 3, padding=1, bias=False)
            layers += [Layer(conv, filters), Layer(nn.ConvTranspose2d(filters, filters, 4, 2, 1, bias=False), filters)]
            inputs = filters
        self.deconv_layers = nn.Sequential(*layers)

    def forward(self, x):
        return self.deconv_layers(x)


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        for name, outputs in ('heatmap', CLASSES), ('wh', 2), ('offset', 2):
            setattr(self, name + '_head', nn.Sequential(
                nn.Conv2d(WIDTH, WIDTH, 3, padding=1), nn.ReLU(inplace=True), nn.Conv2d(WIDTH, outputs, 1)))

    def forward(self, x):
        return [self.heatmap_head(x).sigmoid()], [self.wh_head(x)], [self.offset_head(x)]


class CenterNet(nn.Module):
    def __init__(self, deforms):
        super().__init__()
        self.backbone, self.neck, self.bbox_head = resnet18(), Neck(deforms), Head()
        del self.backbone.fc

    def forward(self, x):
        b = self.backbone
        x = b.maxpool(b.relu(b.bn1(b.conv1(x))))
        return self.bbox_head(self.neck(b.layer4(b.layer3(b.layer2(b.layer1(x))))))


def config(deforms):
    """mmdetection's text."""
    model = dict(
        type='CenterNet', backbone=dict(type='ResNet', depth=18, norm_eval=False, norm_cfg=dict(type='BN')),
        neck=dict(type='CTResNetNeck', in_channel=512, num_deconv_filters=FILTERS, num_deconv_kernels=(4, 4, 4), use_dcn=deforms),
        bbox_head=dict(type='CenterNetHead', num_classes=CLASSES, in_channel=WIDTH, feat_channel=WIDTH), train_cfg=None,
        test_cfg=dict(topk=100, local_maximum_kernel=3, max_per_img=100))
    return f'model = {model!r}\n{PIPELINE}'


def randomise(model):
    generator = torch.Generator().manual_seed(52)

    def draw(tensor, mean, std):
        tensor.copy_(torch.randn(tensor.shape, generator=generator) * std + mean)

    with torch.no_grad():
        for name, m in model.named_modules():
            if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d, Deformable)):
                # An output of a transposed convolution of stride 2 sees a quarter of its taps.
                taps = 4 if isinstance(m, nn.ConvTranspose2d) else m.weight[0, 0].numel()
                last = name.endswith(('_head.2', 'conv_offset'))
                draw(m.weight, 0, ((.3 if last else 2) / (m.weight.shape[1] * taps)) ** .5)
                if getattr(m, 'bias', None) is not None:
                    draw(m.bias, -2 if name == 'bbox_head.heatmap_head.2' else 0, .1)
            elif isinstance(m, nn.BatchNorm2d):
                draw(m.weight, .3 if name.endswith('bn2') else 1, .05)
                draw(m.bias, 0, .1)
                draw(m.running_mean, 0, .1)
                m.running_var.copy_(torch.rand(m.running_var.shape, generator=generator) + .5)


def network(kind, folder):
    """The network with its checkpoint's weights, which is made if it is not there."""
    deforms = kind.endswith('dcn')
    return gfl_r50.kept(CenterNet(deforms).eval(), Path(folder) / f'{kind}.pth', randomise, config(deforms))
