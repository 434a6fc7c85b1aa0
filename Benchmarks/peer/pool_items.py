"""Items about pools over pyramids, in PyTorch: boxes of a map, windows that cover one, and Libra R-CNN's balanced pyramid."""
import torch
import torch.nn.functional as F
import torchvision

from box_items import CELLS


class Pool:
    """An operation on maps, or one with its gradients; in both layouts."""

    def __init__(self, item, folder):
        self.item, self.backward, generator = item, item['kind'].endswith('-backward'), torch.Generator().manual_seed(8)
        self.inputs = self.make(generator)
        if self.backward:
            shape = self.compute(**self.inputs).shape
            self.inputs['gradient'] = torch.randn(shape, generator=generator)

    def ways(self):
        def way(layout):
            given = {name: tensor.clone(memory_format=layout) if tensor.dim() == 4 else tensor for name, tensor in self.inputs.items()}
            gradient, x = given.pop('gradient', None), given['x']
            if not self.backward:
                return lambda: {'y': self.compute(**given)}
            x.requires_grad_()

            def run():
                x.grad = None
                y = self.compute(**given)
                y.backward(gradient)
                return {'y': y, 'x.grad': x.grad}
            return run
        return {'nchw': way(torch.contiguous_format), 'channels-last': way(torch.channels_last)}

    def module(self):
        return None


class RoiAlign(Pool):
    """Proposals between 16 and 512 pixels of a picture of 800×1344, on the map of stride 4."""

    def make(self, generator):
        item = self.item
        centres = torch.rand(item['boxes'], 2, generator=generator) * torch.tensor([4. * item['width'], 4. * item['height']])
        sizes = 16 * 32 ** torch.rand(item['boxes'], 2, generator=generator)
        corners = torch.cat([centres - sizes / 2, centres + sizes / 2], 1)
        limits = torch.tensor([4. * item['width'], 4. * item['height']]).repeat(2)
        corners = torch.minimum(corners.clamp(min=0), limits)
        return {'x': torch.randn(1, item['channels'], item['height'], item['width'], generator=generator),
                'boxes': torch.cat([torch.zeros(item['boxes'], 1), corners], 1)}

    def compute(self, x, boxes, gradient=None):
        return torchvision.ops.roi_align(x, boxes, self.item['size'], .25, self.item['samples'], True)


class AdaptiveMaxPool(Pool):
    """The largest values of windows that cover a map, half as many as it has lines and columns."""

    def make(self, generator):
        return {'x': torch.randn(1, self.item['channels'], self.item['height'], self.item['width'], generator=generator)}

    def compute(self, x, gradient=None):
        return F.adaptive_max_pool2d(x, (self.item['height'] // 2, self.item['width'] // 2))


class Bfp:
    """The balanced pyramid of Libra RetinaNet at 800×1344: five levels, refined at the second by nothing, a convolution or attention."""

    def __init__(self, item, folder):
        channels, self.refine, generator = item['channels'], item['refine'], torch.Generator().manual_seed(9)
        self.inputs = {f'x.{i}': torch.randn(1, channels, *size, generator=generator) for i, size in enumerate(CELLS)}
        parts = {'none': {}, 'conv': {'conv': 3}, 'non_local': {'g.conv': 1, 'conv_out.conv': 1, 'theta.conv': 1, 'phi.conv': 1}}[self.refine]
        for name, size in parts.items():
            self.inputs[f'refine.{name}.weight'] = torch.randn(channels, channels, size, size, generator=generator) / (channels ** .5 * size)
            self.inputs[f'refine.{name}.bias'] = torch.randn(channels, generator=generator) * .1

    def attention(self, x, given):
        def project(name, map):
            return F.conv2d(map, given[f'refine.{name}.conv.weight'], given[f'refine.{name}.conv.bias'])
        values, keys = project('g', x).flatten(2).transpose(1, 2), project('phi', x).flatten(2)
        alike = torch.matmul(project('theta', x).flatten(2).transpose(1, 2), keys).softmax(dim=-1)
        return x + project('conv_out', torch.matmul(alike, values).transpose(1, 2).reshape(x.shape))

    def compute(self, given):
        maps, refined = [given[f'x.{i}'] for i in range(len(CELLS))], 1
        size = maps[refined].shape[2:]
        mean = sum(F.adaptive_max_pool2d(x, size) if i < refined else F.interpolate(x, size=size, mode='nearest')
                   for i, x in enumerate(maps)) / len(maps)
        if self.refine == 'conv':
            mean = F.relu(F.conv2d(mean, given['refine.conv.weight'], given['refine.conv.bias'], padding=1))
        elif self.refine == 'non_local':
            mean = self.attention(mean, given)
        return {f'y.{i}': x + (F.interpolate(mean, size=x.shape[2:], mode='nearest') if i < refined else
                               F.adaptive_max_pool2d(mean, x.shape[2:])) for i, x in enumerate(maps)}

    def ways(self):
        def way(layout):
            given = {name: tensor.clone(memory_format=layout) if tensor.dim() == 4 else tensor for name, tensor in self.inputs.items()}
            return lambda: self.compute(given)
        return {'nchw': way(torch.contiguous_format), 'channels-last': way(torch.channels_last)}

    def module(self):
        return None


KINDS = {'bfp': Bfp, 'roialign': RoiAlign, 'roialign-backward': RoiAlign, 'adaptivemaxpool': AdaptiveMaxPool, 'adaptivemaxpool-backward': AdaptiveMaxPool}
