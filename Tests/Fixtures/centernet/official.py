#!/usr/bin/env python3
"""Tiny networks built as the official CenterNet's are (xingyizhou/CenterNet: DLA, ResNet with deformable convolutions, hourglasses), under its
names of tensors, with random weights: writes NAME.pth and NAME.safetensors (x, and the outputs of evaluation). Needs PyTorch and torchvision.

Usage: official.py FOLDER"""
import sys
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision.ops import deform_conv2d

sys.path.append(str(Path(__file__).resolve().parents[3] / 'Benchmarks' / 'peer'))
import safetensors  # noqa: E402

HEADS, WIDTH = {'hm': 3, 'wh': 2, 'reg': 2}, 6


def conv_bn(inputs, outputs, size, stride=1):
    return [nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False), nn.BatchNorm2d(outputs)]


class Dcn(nn.Module):
    """A deformable convolution with its own offsets, mask and bias."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.empty(outputs, inputs, 3, 3)), nn.Parameter(torch.empty(outputs))
        self.conv_offset_mask = nn.Conv2d(inputs, 27, 3, padding=1)

    def forward(self, x):
        moves = self.conv_offset_mask(x)
        return deform_conv2d(x, moves[:, :18], self.weight, self.bias, padding=1, mask=moves[:, 18:].sigmoid())


class Block(nn.Module):
    """Two 3×3 convolutions with norms; how the shortcut fits is `way`'s matter, under a name of its own."""

    def __init__(self, inputs, outputs, stride=1, way=None):
        super().__init__()
        self.conv1, self.bn1 = conv_bn(inputs, outputs, 3, stride)
        self.conv2, self.bn2 = conv_bn(outputs, outputs, 3)
        self.way = way if stride != 1 or inputs != outputs else None
        if self.way:
            setattr(self, way, nn.Sequential(*conv_bn(inputs, outputs, 1, stride)))

    def forward(self, x, shortcut=None):
        if shortcut is None:
            shortcut = getattr(self, self.way)(x) if self.way else x
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + shortcut)


class Root(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv, self.bn = conv_bn(inputs, outputs, 1)

    def forward(self, maps):
        return F.relu(self.bn(self.conv(torch.cat(maps, 1))))


class Tree(nn.Module):
    def __init__(self, depth, inputs, outputs, stride, sees_input=False, extra=0):
        super().__init__()
        self.stride, self.sees_input = stride, sees_input
        extra += inputs if sees_input else 0
        if depth == 1:
            self.tree1, self.tree2 = Block(inputs, outputs, stride), Block(outputs, outputs)
            self.root = Root(2 * outputs + extra, outputs)
        else:
            self.tree1 = Tree(depth - 1, inputs, outputs, stride)
            self.tree2 = Tree(depth - 1, outputs, outputs, 1, extra=extra + outputs)
        if inputs != outputs:
            self.project = nn.Sequential(*conv_bn(inputs, outputs, 1))

    def forward(self, x, extra=()):
        bottom = F.max_pool2d(x, self.stride) if self.stride > 1 else x
        extra = [*extra, bottom] if self.sees_input else list(extra)
        if not hasattr(self, 'root'):
            middle = self.tree1(x)
            return self.tree2(middle, [*extra, middle])
        first = self.tree1(x, self.project(bottom) if hasattr(self, 'project') else bottom)
        return self.root([self.tree2(first), first, *extra])


class Base(nn.Module):
    def __init__(self, depths, channels):
        super().__init__()
        self.base_layer = nn.Sequential(*conv_bn(3, channels[0], 7), nn.ReLU())
        self.level0 = nn.Sequential(*conv_bn(channels[0], channels[0], 3), nn.ReLU())
        self.level1 = nn.Sequential(*conv_bn(channels[0], channels[1], 3, 2), nn.ReLU())
        for i in range(2, 6):
            setattr(self, f'level{i}', Tree(depths[i], channels[i - 1], channels[i], 2, i > 2))
        self.fc = nn.Conv2d(channels[-1], 4, 1)   # left over from ImageNet

    def forward(self, x):
        maps = [self.base_layer(x)]
        for i in range(6):
            maps.append(getattr(self, f'level{i}')(maps[-1]))
        return maps[3:]


class Unit(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.actf, self.conv = nn.Sequential(nn.BatchNorm2d(outputs), nn.ReLU()), Dcn(inputs, outputs)

    def forward(self, x):
        return self.actf(self.conv(x))


class Ida(nn.Module):
    def __init__(self, outputs, inputs, factors):
        super().__init__()
        self.count = len(inputs)
        for i, (channels, f) in enumerate(zip(inputs, factors), 1):
            setattr(self, f'proj_{i}', Unit(channels, outputs))
            setattr(self, f'up_{i}', nn.ConvTranspose2d(outputs, outputs, 2 * f, f, f // 2, groups=outputs, bias=False))
            setattr(self, f'node_{i}', Unit(outputs, outputs))

    def forward(self, maps):
        done = [maps[0]]
        for i in range(1, self.count + 1):
            grown = getattr(self, f'up_{i}')(getattr(self, f'proj_{i}')(maps[i]))
            done.append(getattr(self, f'node_{i}')(grown + done[-1]))
        return done


class DlaUp(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.ida_0, self.ida_1, self.ida_2 = Ida(c[2], [c[3]], [2]), Ida(c[1], [c[2]] * 2, [2] * 2), Ida(c[0], [c[1]] * 3, [2] * 3)

    def forward(self, m):
        a = self.ida_0(m[2:])
        b = self.ida_1([m[1], *a])
        c = self.ida_2([m[0], *b])
        return [c[-1], b[-1], a[-1]]


def branches(net, inputs):
    for name, outputs in HEADS.items():
        setattr(net, name, nn.Sequential(nn.Conv2d(inputs, WIDTH, 3, padding=1), nn.ReLU(), nn.Conv2d(WIDTH, outputs, 1)))


class Dla(nn.Module):
    config = {'Backbone': {'type': 'DLA', 'Levels': [1, 1, 1, 2, 2, 1], 'Channels': [4, 4, 6, 8, 10, 12]}, 'Neck': {'type': 'DLAUp'}}

    def __init__(self):
        super().__init__()
        levels, channels = self.config['Backbone']['Levels'], self.config['Backbone']['Channels']
        self.base, self.dla_up = Base(levels, channels), DlaUp(channels[2:])
        self.ida_up = Ida(channels[2], channels[3:5], [2, 4])
        branches(self, channels[2])

    def forward(self, x):
        x = self.ida_up(self.dla_up(self.base(x)))[-1]
        return [{name: getattr(self, name)(x) for name in HEADS}]


class ResDcn(nn.Module):
    config = {'Backbone': {'type': 'ResNet', 'Depth': 18, 'BaseChannels': 4, 'NormEval': False},
              'Neck': {'type': 'CTResNetNeck', 'Filters': [8, 6], 'Kernels': [4, 4], 'Dcn': {'Modulated': True}, 'DcnBias': True}}

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = conv_bn(3, 4, 7, 2)
        for i, (inputs, outputs) in enumerate([(4, 4), (4, 8), (8, 16), (16, 32)], 1):
            setattr(self, f'layer{i}', nn.Sequential(Block(inputs, outputs, 1 if i == 1 else 2, 'downsample'), Block(outputs, outputs)))
        layers, inputs = [], 32
        for filters in self.config['Neck']['Filters']:
            layers += [Dcn(inputs, filters), nn.BatchNorm2d(filters), nn.ReLU(),
                       nn.ConvTranspose2d(filters, filters, 4, 2, 1, bias=False), nn.BatchNorm2d(filters), nn.ReLU()]
            inputs = filters
        self.deconv_layers = nn.Sequential(*layers)
        branches(self, inputs)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        x = self.deconv_layers(self.layer4(self.layer3(self.layer2(self.layer1(x)))))
        return [{name: getattr(self, name)(x) for name in HEADS}]


class Convolution(nn.Module):
    def __init__(self, inputs, outputs, size, stride=1, norm=True):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=not norm)
        self.bn = nn.BatchNorm2d(outputs) if norm else nn.Sequential()

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)))


class Glass(nn.Module):
    def __init__(self, dims, blocks):
        super().__init__()

        def row(first, *rest, stride=1):
            return nn.Sequential(Block(*first, stride, 'skip'), *(Block(*pair, 1, 'skip') for pair in rest))

        (here, below), n = dims[:2], blocks[0]
        self.up1 = row(*[(here, here)] * n)
        self.low1 = row((here, below), *[(below, below)] * (n - 1), stride=2)
        self.low2 = Glass(dims[1:], blocks[1:]) if len(dims) > 2 else row(*[(below, below)] * blocks[1])
        self.low3 = row(*[(below, below)] * (n - 1), (below, here))

    def forward(self, x):
        return self.up1(x) + F.interpolate(self.low3(self.low2(self.low1(x))), scale_factor=2)


class Hourglass(nn.Module):
    config = {'Backbone': {'type': 'Hourglass', 'DownsampleTimes': 2, 'Stacks': 2, 'StageChannels': [8, 8, 10], 'StageBlocks': [2, 1, 2],
                           'FeatChannels': 6}, 'Neck': None}

    def __init__(self):
        super().__init__()
        b, width = self.config['Backbone'], 8
        self.pre = nn.Sequential(Convolution(3, width // 2, 7, 2), Block(width // 2, width, 2, 'skip'))
        self.kps = nn.ModuleList(Glass(b['StageChannels'], b['StageBlocks']) for _ in range(2))
        self.cnvs = nn.ModuleList(Convolution(width, 6, 3) for _ in range(2))
        self.inters = nn.ModuleList([Block(width, width)])
        self.inters_ = nn.ModuleList([nn.Sequential(*conv_bn(width, width, 1))])
        self.cnvs_ = nn.ModuleList([nn.Sequential(*conv_bn(6, width, 1))])
        for name, outputs in HEADS.items():
            setattr(self, name, nn.ModuleList(
                nn.Sequential(Convolution(6, WIDTH, 3, norm=False), nn.Conv2d(WIDTH, outputs, 1)) for _ in range(2)))

    def forward(self, x):
        found, x = [], self.pre(x)
        for i in range(2):
            y = self.cnvs[i](self.kps[i](x))
            found.append({name: getattr(self, name)[i](y) for name in HEADS})
            if i == 0:
                x = self.inters[0](F.relu(self.inters_[0](x) + self.cnvs_[0](y)))
        return found


def main():
    folder = Path(sys.argv[1])
    for name, kind in ('dla', Dla), ('resdcn', ResDcn), ('hourglass', Hourglass):
        torch.manual_seed(5)
        net = kind().eval()
        with torch.no_grad():
            for key, tensor in net.state_dict().items():
                if tensor.dim() > 1:
                    tensor.normal_(0, (1.5 / tensor[0].numel()) ** .5)
                elif key.endswith('running_var'):
                    tensor.uniform_(.5, 1.5)
                elif tensor.dtype == torch.float32:
                    tensor.normal_(1 if key.endswith('weight') else 0, .1)
            x = torch.randn(2, 3, 64, 96)
            outputs = {f'{head}.{i}': y.sigmoid() if head == 'hm' else y for i, stack in enumerate(net(x)) for head, y in stack.items()}
        torch.save({'epoch': 1, 'state_dict': net.state_dict()}, folder / f'{name}.pth')
        safetensors.write(folder / f'{name}.safetensors', {'x': x, **outputs})


if __name__ == '__main__':
    main()
