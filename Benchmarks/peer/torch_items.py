"""The items in PyTorch: for each kind what goes in, and the ways to compute it, of which the fastest counts."""
import torch
import torch.nn.functional as F
import torchvision

import box_items
import centernet_r18
import faster_rcnn_r50
import gfl_r50
import heads_r50
import hourglass
import loss_items
import pool_items
import train_demo

LAYOUTS = {'nchw': torch.contiguous_format, 'channels-last': torch.channels_last}


class Conv:
    """A convolution, or one with its gradients."""

    def __init__(self, item, folder):
        self.item, self.backward = item, item['kind'] == 'conv-backward'
        inputs, outputs, size, generator = item['inputs'], item['outputs'], item['size'], torch.Generator().manual_seed(1)
        x = torch.randn(1, inputs, item['height'], item['width'], generator=generator).relu()
        weight = torch.randn(outputs, inputs, size, size, generator=generator) * (2 / (inputs * size * size)) ** .5
        self.inputs = {'x': x, 'weight': weight}
        if self.backward:
            self.inputs['gradient'] = torch.randn(1, outputs, item['height'], item['width'], generator=generator)

    def ways(self):
        def way(layout):
            given = {name: tensor.clone(memory_format=layout) for name, tensor in self.inputs.items()}
            x, weight, stride, padding = given['x'], given['weight'], self.item['stride'], self.item['size'] // 2
            if not self.backward:
                return lambda: {'y': F.conv2d(x, weight, None, stride, padding)}
            x.requires_grad_()
            weight.requires_grad_()

            def run():
                x.grad = weight.grad = None
                y = F.conv2d(x, weight, None, stride, padding)
                y.backward(given['gradient'])
                return {'y': y, 'x.grad': x.grad, 'weight.grad': weight.grad}
            return run
        return {name: way(layout) for name, layout in LAYOUTS.items()}

    def module(self):
        return None if self.backward else Fixed(lambda x, weight: F.conv2d(x, weight, None, self.item['stride'], self.item['size'] // 2),
                                                self.inputs['weight'])


class Deform:
    """A 3×3 deformable convolution with a mask, its taps moved by some pixels, or one with the gradients of all that goes in."""

    def __init__(self, item, folder):
        self.backward = item['kind'] == 'deform-backward'
        channels, height, width, generator = item['channels'], item['height'], item['width'], torch.Generator().manual_seed(7)
        self.inputs = {'x': torch.randn(1, channels, height, width, generator=generator).relu(),
                       'offset': torch.randn(1, 18, height, width, generator=generator) * 1.5,
                       'mask': torch.rand(1, 9, height, width, generator=generator),
                       'weight': torch.randn(channels, channels, 3, 3, generator=generator) * (2 / (channels * 9)) ** .5}
        if self.backward:
            self.inputs['gradient'] = torch.randn(1, channels, height, width, generator=generator)

    def ways(self):
        given = {name: tensor.clone() for name, tensor in self.inputs.items()}
        gradient = given.pop('gradient', None)
        for tensor in given.values():
            tensor.requires_grad_(self.backward)

        def run():
            for tensor in given.values():
                tensor.grad = None
            y = torchvision.ops.deform_conv2d(given['x'], given['offset'], given['weight'], padding=1, mask=given['mask'])
            if not self.backward:
                return {'y': y}
            y.backward(gradient)
            return {'y': y, **{f'{name}.grad': tensor.grad for name, tensor in given.items()}}
        return {'torchvision': run}

    def module(self):
        return None


class Product:
    """A product of square matrices; both are packed in the time."""

    def __init__(self, item, folder):
        generator = torch.Generator().manual_seed(2)
        self.inputs = {name: torch.randn(item['size'], item['size'], generator=generator) for name in 'ab'}

    def ways(self):
        return {'matmul': lambda: {'y': self.inputs['a'] @ self.inputs['b']}}

    def module(self):
        return None


class GroupNorm:
    """Group norm and ReLU, as the layers of gfl_r50.py run them."""

    def __init__(self, item, folder):
        self.groups, channels, generator = item['groups'], item['channels'], torch.Generator().manual_seed(3)
        self.inputs = {'x': torch.randn(1, channels, item['height'], item['width'], generator=generator) + .5,
                       'weight': torch.rand(channels, generator=generator) + .5, 'bias': torch.randn(channels, generator=generator)}

    def ways(self):
        def way(layout):
            x = self.inputs['x'].contiguous(memory_format=layout)
            return lambda: {'y': F.relu(F.group_norm(x, self.groups, self.inputs['weight'], self.inputs['bias']))}
        return {name: way(layout) for name, layout in LAYOUTS.items()}

    def module(self):
        return Fixed(lambda x, weight, bias: F.relu(F.group_norm(x, self.groups, weight, bias)), self.inputs['weight'], self.inputs['bias'])


class Dfl:
    """Softmax over the bins and its expectation, for four sides of every anchor."""

    def __init__(self, item, folder):
        self.bins = torch.arange(item['bins']).float()
        self.inputs = {'logits': torch.randn(4 * item['anchors'], item['bins'], generator=torch.Generator().manual_seed(4)) * 2}

    def compute(self, logits, bins):
        return F.linear(F.softmax(logits, 1), bins[None]).reshape(-1, 4)

    def ways(self):
        return {'softmax, linear': lambda: {'y': self.compute(self.inputs['logits'], self.bins)}}

    def module(self):
        return Fixed(self.compute, self.bins)


class MaxPool:
    """ResNet's first pooling: 3×3, stride 2."""

    def __init__(self, item, folder):
        self.inputs = {'x': torch.randn(1, item['channels'], item['height'], item['width'], generator=torch.Generator().manual_seed(5))}

    def ways(self):
        def way(layout):
            x = self.inputs['x'].contiguous(memory_format=layout)
            return lambda: {'y': F.max_pool2d(x, 3, 2, 1)}
        return {name: way(layout) for name, layout in LAYOUTS.items()}

    def module(self):
        return Fixed(lambda x: F.max_pool2d(x, 3, 2, 1))


class CornerPool:
    """A running maximum along the columns or rows, as mmcv's CornerPool has it, or one with its gradient."""

    def __init__(self, item, folder):
        self.backward, generator, shape = item['kind'] == 'cornerpool-backward', torch.Generator().manual_seed(9), \
            (1, item['channels'], item['size'], item['size'])
        self.axis, self.flips = 2 if item['side'] in ('top', 'bottom') else 3, item['side'] in ('top', 'left')
        self.inputs = {'x': torch.randn(shape, generator=generator)}
        if self.backward:
            self.inputs['gradient'] = torch.randn(shape, generator=generator)

    def compute(self, x):
        if not self.flips:
            return x.cummax(self.axis)[0]
        return x.flip(self.axis).cummax(self.axis)[0].flip(self.axis)

    def ways(self):
        def way(layout):
            given = {name: tensor.clone(memory_format=layout) for name, tensor in self.inputs.items()}
            x = given['x'].requires_grad_(self.backward)
            if not self.backward:
                return lambda: {'y': self.compute(x)}

            def run():
                x.grad = None
                y = self.compute(x)
                y.backward(given['gradient'])
                return {'y': y, 'x.grad': x.grad}
            return run
        return {name: way(layout) for name, layout in LAYOUTS.items()}

    def module(self):
        return None


class Sgd:
    """A step with momentum and weight decay over the parameters of GFL-R50."""

    def __init__(self, item, folder):
        generator = torch.Generator().manual_seed(6)
        sizes = [parameter.numel() for parameter in gfl_r50.Gfl().parameters()]
        self.inputs = {}
        for i, size in enumerate(sizes):
            self.inputs[f'p.{i}'], self.inputs[f'g.{i}'] = torch.randn(size, generator=generator), torch.randn(size, generator=generator)
        self.count = len(sizes)

    def ways(self):
        def way(foreach):
            parameters = [self.inputs[f'p.{i}'].clone().requires_grad_() for i in range(self.count)]
            for i, parameter in enumerate(parameters):
                parameter.grad = self.inputs[f'g.{i}'].clone()
            optimiser = torch.optim.SGD(parameters, .01, .9, weight_decay=1e-4, foreach=foreach)

            def run():
                optimiser.step()
                return {f'p.{i}': parameter.detach() for i, parameter in enumerate(parameters)}
            return run
        return {'one by one': way(False), 'foreach': way(True)}

    def module(self):
        return None


class Model:
    """A detector on ResNet-50, or GFL's backbone alone to the last stage."""

    def __init__(self, item, folder):
        self.model, self.inputs = network(item, folder), {'x': gfl_r50.picture(item['height'], item['width'])}

    def ways(self):
        def way(layout):
            model, x = network(self.model, None).to(memory_format=layout), self.inputs['x'].contiguous(memory_format=layout)
            return lambda: named(model(x))
        return {name: way(layout) for name, layout in LAYOUTS.items()}

    def module(self):   # ONNX has no deformable convolution before version 19
        unknown = (heads_r50.Star, centernet_r18.Deformable, faster_rcnn_r50.FasterRcnn)
        return None if any(isinstance(m, unknown) for m in self.model.modules()) else self.model


class Train:
    """A training step of the demonstration's network."""

    def __init__(self, item, folder):
        # A unit so near its ReLU's kink that rounding turns it on or off moves every gradient behind it by some 1e-3 of its norm, in
        # PyTorch against its own float64 too. With this seed there is none: the gradients agree to 1e-5.
        torch.manual_seed(4)
        self.item, self.model = item, train_demo.Gfl(item['classes'])
        corners = torch.rand(item['pictures'], 3, 2) * item['size'] * .5
        boxes = torch.cat([corners, corners + item['size'] * (.15 + .3 * torch.rand(item['pictures'], 3, 2))], 2)
        self.inputs = {'x': torch.randn(item['pictures'], 3, item['size'], item['size']), 'boxes': boxes,
                       'labels': torch.randint(item['classes'], (item['pictures'], 3)).int()}
        self.names = {parameter: name for parameter, name in mmdet_names(self.model)}
        state = self.model.state_dict()
        self.state = {name: state[parameter] for parameter, name in self.names.items()
                      if parameter in state and not parameter.endswith('num_batches_tracked')}
        scales = self.state.pop('scales')
        self.state.update({f'bbox_head.scales.{i}.scale': scale for i, scale in enumerate(scales)})
        self.inputs.update({f'state.{name}': tensor.clone() for name, tensor in self.state.items()})

    def ways(self):
        def way(layout):
            model = train_demo.Gfl(self.item['classes'])
            model.load_state_dict(self.model.state_dict())
            model = model.to(memory_format=layout)
            x, points = self.inputs['x'].contiguous(memory_format=layout), train_demo.grid(self.item['size'])
            truths = list(zip(self.inputs['boxes'], self.inputs['labels'].long()))
            optimiser = torch.optim.SGD(model.parameters(), 0, .9, weight_decay=1e-4)   # no rate: each step is the same work

            def run():
                loss = train_demo.loss_of(*model(x), points, truths)
                optimiser.zero_grad()
                loss.backward()
                found = {}
                if not hasattr(run, 'warm'):   # the driver reads the first step's results only
                    run.warm = True
                    found = {self.names[name] + '.grad': parameter.grad.clone() for name, parameter in model.named_parameters()
                             if name != 'scales'}
                torch.nn.utils.clip_grad_norm_(model.parameters(), 35)
                optimiser.step()
                return {'loss': loss.reshape(1), **found}
            return run
        return {name: way(layout) for name, layout in LAYOUTS.items()}

    def module(self):
        return None


def mmdet_names(model):
    """Pairs of the parameter's name in train_demo.py and mmdetection's."""
    parts = {'stem.0': 'backbone.conv1', 'stem.1': 'backbone.bn1', 'extra': 'neck.fpn_convs.3.conv', 'cls': 'bbox_head.gfl_cls',
             'reg': 'bbox_head.gfl_reg'}
    for i in range(4):
        parts[f'stages.{i}'] = f'backbone.layer{i + 1}'
    for i in range(3):
        parts[f'lateral.{i}'], parts[f'output.{i}'] = f'neck.lateral_convs.{i}.conv', f'neck.fpn_convs.{i}.conv'
    for branch in ('cls', 'reg'):
        for i in range(2):
            parts[f'{branch}_tower.{3 * i}'] = f'bbox_head.{branch}_convs.{i}.conv'
            parts[f'{branch}_tower.{3 * i + 1}'] = f'bbox_head.{branch}_convs.{i}.gn'
    for name in model.state_dict():
        prefix = max((part for part in parts if name.startswith(part + '.')), key=len, default=None)
        yield name, name if prefix is None else (parts[prefix] + name[len(prefix):]).replace('.down.', '.downsample.')


class Fixed(torch.nn.Module):
    """A function of an input and of constants, for export."""

    def __init__(self, function, *constants):
        super().__init__()
        self.function = function
        for i, constant in enumerate(constants):
            self.register_buffer(f'constant{i}', constant)

    def forward(self, x):
        return self.function(x, *self.buffers())


class Backbone(torch.nn.Module):
    """The last of ResNet's maps."""

    def __init__(self, model):
        super().__init__()
        self.backbone = model.backbone

    def forward(self, x):
        b = self.backbone
        return b.layer4(b.layer3(b.layer2(b.layer1(b.maxpool(b.relu(b.bn1(b.conv1(x))))))))


def network(item, folder):
    """The network of an item with the checkpoint's weights; or a copy of one."""
    if folder is None:
        import copy
        return copy.deepcopy(item)
    if item['kind'] == 'faster-rcnn-r50':
        return faster_rcnn_r50.network(item, folder)
    if item['kind'] in heads_r50.HEADS:
        return heads_r50.network(item['kind'], folder)
    if item['kind'] in centernet_r18.KINDS:
        return centernet_r18.network(item['kind'], folder)
    model = gfl_r50.Gfl().eval()
    model.load_state_dict(torch.load(gfl_r50.checkpoint(folder))['state_dict'])
    return Backbone(model) if item['kind'] == 'resnet50' else model


def named(outputs):
    """The network's outputs by name."""
    if torch.is_tensor(outputs):
        return {'y': outputs}
    if isinstance(outputs, dict):
        return outputs
    return {f'{name}.{i}': tensor for name, tensors in zip(('cls_score', 'bbox_pred', 'last'), outputs) for i, tensor in enumerate(tensors)}


KINDS = {'conv': Conv, 'conv-backward': Conv, 'deform': Deform, 'deform-backward': Deform, 'product': Product, 'groupnorm': GroupNorm,
         'dfl': Dfl, 'maxpool': MaxPool, 'cornerpool': CornerPool, 'cornerpool-backward': CornerPool,
         'sgd': Sgd, 'hourglass104': hourglass.Forward, 'resnet50': Model, 'gfl-r50': Model, 'faster-rcnn-r50': Model,
         'train': Train, 'process': Model,
         **dict.fromkeys([*heads_r50.HEADS, *centernet_r18.KINDS], Model), **box_items.KINDS, **pool_items.KINDS,
         'loss': loss_items.Loss}
