"""Stacked hourglasses in PyTorch under mmdetection's names: a peer for speed, and the backbone of train_cornernet.py."""
import copy

import torch
import torch.nn as nn
import torch.nn.functional as F


def convolution(inputs, outputs, size, stride=1, relu=True):
    """What mmcv calls ConvModule: conv, bn, and a ReLU without a name."""
    module = nn.Sequential()
    module.add_module('conv', nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False))
    module.add_module('bn', nn.BatchNorm2d(outputs))
    if relu:
        module.add_module('relu', nn.ReLU(inplace=True))
    return module


class Residual(nn.Module):
    """Two 3×3 convolutions, and the input added."""

    def __init__(self, inputs, outputs, stride=1):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs)
        self.conv2, self.bn2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs)
        if stride > 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)), inplace=True)))
        return F.relu(y + (self.downsample(x) if hasattr(self, 'downsample') else x), inplace=True)


def residuals(inputs, outputs, count, stride=1):
    return nn.Sequential(Residual(inputs, outputs, stride), *(Residual(outputs, outputs) for _ in range(count - 1)))


class Hourglass(nn.Module):
    """A map, and what a smaller hourglass makes of it at half its size, summed."""

    def __init__(self, times, channels, blocks):
        super().__init__()
        (here, below), count = channels[:2], blocks[0]
        self.up1, self.low1 = residuals(here, here, count), residuals(here, below, count, 2)
        self.low2 = Hourglass(times - 1, channels[1:], blocks[1:]) if times > 1 else residuals(below, below, blocks[1])
        self.low3 = nn.Sequential(*(Residual(below, below) for _ in range(count - 1)), Residual(below, here))

    def forward(self, x):
        up = self.up1(x)
        return up + F.interpolate(self.low3(self.low2(self.low1(x))), up.shape[2:])


class HourglassNet(nn.Module):
    """The stem, the stacks, and what joins them."""

    def __init__(self, times=5, stacks=2, channels=(256, 256, 384, 384, 384, 512), blocks=(2, 2, 2, 2, 2, 4), features=256):
        super().__init__()
        width = channels[0]
        self.stem = nn.Sequential(convolution(3, width // 2, 7, 2), residuals(width // 2, width, 1, 2))
        self.hourglass_modules = nn.ModuleList(Hourglass(times, channels, blocks) for _ in range(stacks))
        self.inters = residuals(width, width, stacks - 1)
        self.conv1x1s = nn.ModuleList(convolution(width, width, 1, relu=False) for _ in range(stacks - 1))
        self.out_convs = nn.ModuleList(convolution(width, features, 3) for _ in range(stacks))
        self.remap_convs = nn.ModuleList(convolution(features, width, 1, relu=False) for _ in range(stacks - 1))

    def forward(self, x):
        x, maps = self.stem(x), []
        for i, hourglass in enumerate(self.hourglass_modules):
            maps.append(self.out_convs[i](hourglass(x)))
            if i < len(self.conv1x1s):
                x = self.inters[i](F.relu(self.conv1x1s[i](x) + self.remap_convs[i](maps[-1])))
        return maps


class Forward:
    """Hourglass-104 in inference, with random weights that keep the maps' size."""

    def __init__(self, item, folder):
        generator = torch.manual_seed(11)
        self.model = HourglassNet().eval()
        for module in self.model.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.normal_(0, .1)
                module.running_var.uniform_(.7, 1.3)
            if isinstance(module, Residual):
                module.bn2.weight.data.fill_(.2)
        self.inputs = {'x': torch.randn(1, 3, item['height'], item['width'], generator=generator)}
        self.inputs.update({f'state.{name}': tensor for name, tensor in self.model.state_dict().items()
                            if not name.endswith('num_batches_tracked')})

    def ways(self):
        def way(layout):
            model, x = copy.deepcopy(self.model).to(memory_format=layout), self.inputs['x'].contiguous(memory_format=layout)
            return lambda: {f'map.{i}': y for i, y in enumerate(model(x))}
        return {name: way(layout) for name, layout in (('nchw', torch.contiguous_format), ('channels-last', torch.channels_last))}

    def module(self):
        return None
