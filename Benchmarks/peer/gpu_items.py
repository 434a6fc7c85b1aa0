"""The items of the GPU's benchmark in PyTorch, by kind: the ways to compute each on inputs that Benchmarks/Gpu draws alike."""
import torch
import torch.nn.functional as F

LAYOUTS = {'channels-last': torch.channels_last, 'nchw': torch.contiguous_format}
DTYPES = {'float32': torch.float32, 'tf32': torch.float32, 'bf16': torch.bfloat16}


def values(seed, count, low, high, device):
    """Numbers from one up to below another: a hash of each element's number and the seed."""
    mask = 0xffffffff
    x = (torch.arange(count, dtype=torch.int64, device=device) + (seed * 2654435769 & mask)) & mask
    x ^= x >> 16
    x = x * 0x7feb352d & mask
    x ^= x >> 15
    x = x * 0x846ca68b & mask
    x ^= x >> 16
    return (x >> 8).float() * (1 / (1 << 24)) * (high - low) + low


class Drawn:
    """An item's inputs."""

    def __init__(self, item, device):
        self.item, self.device = item, device

    def table(self, seed, low, high, *sizes):
        count = 1
        for size in sizes:
            count *= size
        return values(seed, count, low, high, self.device).view(sizes)

    def map(self, seed, low=-1., high=1., sizes=None):
        """A map or weight whose channels are drawn last."""
        item = self.item
        return self.table(seed, low, high, *(sizes or (item['n'], item['h'], item['w'], item['c']))).permute(0, 3, 1, 2)

    def line(self, seed, low, high):
        return self.table(seed, low, high, self.item['c'])


def forward(function):
    def run():
        with torch.no_grad():
            return {'y': function()}
    return run


def gradient(function, leaves):
    """The gradients alone; the forward pass is not in the time."""
    for leaf in leaves:
        leaf.requires_grad_()
    y = function()
    sizes = y.shape if y.dim() != 4 else (y.shape[0], y.shape[2], y.shape[3], y.shape[1])
    count = y.numel()
    dy = values(9, count, -1., 1., y.device).view(sizes)
    dy = dy.permute(0, 3, 1, 2) if y.dim() == 4 else dy
    if y.dim() == 4:
        dy = dy.contiguous(memory_format=torch.channels_last if y.is_contiguous(memory_format=torch.channels_last) else torch.contiguous_format)
    dy = dy.to(y.dtype)
    return lambda: {f'd{i}': each for i, each in enumerate(torch.autograd.grad(y, leaves, dy, retain_graph=True))}


def either(item, function, leaves):
    return gradient(function, leaves) if item['kind'].endswith('-gradient') else forward(function)


def in_layouts(make, *maps):
    """A way for each layout of the maps."""
    return {name: make(*[map.detach().clone(memory_format=layout) for map in maps]) for name, layout in LAYOUTS.items()}


def copy(item, drawn, folder):
    source = torch.full((item['count'],), 1.5, device=drawn.device)
    target = torch.zeros_like(source)
    return {'copy_': lambda: {'y': target.copy_(source)[-16:]}}


def matmul(item, drawn, folder):
    dtype, n = DTYPES[item['precision']], item['n']
    a, b = (drawn.table(seed, -1., 1., n, n).to(dtype) for seed in (1, 2))
    return {'matmul': forward(lambda: a @ b)}


def conv(item, drawn, folder):
    dtype = DTYPES[item['precision']]
    x, weight = drawn.map(1), drawn.map(2, -.05, .05, (item['k'], item['size'], item['size'], item['c']))

    def make(x, weight):
        x, weight = x.to(dtype), weight.to(dtype)

        def function():
            return F.conv2d(x, weight, None, item['stride'], item['size'] // 2)
        return gradient(function, [x if item['part'] == 'dx' else weight]) if item['part'] else forward(function)
    return in_layouts(make, x, weight)


def relu(item, drawn, folder):
    return in_layouts(lambda x: either(item, lambda: F.relu(x), [x]), drawn.map(1))


def add(item, drawn, folder):
    return in_layouts(lambda a, b: forward(lambda: a + b), drawn.map(1), drawn.map(2))


def batchnorm(item, drawn, folder):
    weight, bias, mean, variance = drawn.line(2, .5, 1.5), drawn.line(3, -1., 1.), drawn.line(4, 0., 1.), drawn.line(5, .5, 1.5)
    return in_layouts(lambda x: either(item, lambda: F.batch_norm(x, mean, variance, weight, bias, True), [x, weight, bias]), drawn.map(1))


def groupnorm(item, drawn, folder):
    groups, weight, bias = min(32, item['c'] // 4), drawn.line(2, .5, 1.5), drawn.line(3, -1., 1.)
    return in_layouts(lambda x: either(item, lambda: F.relu(F.group_norm(x, groups, weight, bias)), [x, weight, bias]), drawn.map(1))


def softmax(item, drawn, folder):
    x = drawn.table(1, -4., 4., item['n'], item['c'])
    return {'softmax': either(item, lambda: F.softmax(x, 1), [x])}


def softmax_kl(pred, soft, temperature=10.):
    target = F.softmax(soft / temperature, 1)
    return F.kl_div(F.log_softmax(pred / temperature, 1), target, reduction='none').mean(1) * temperature ** 2


def focal(pred, target, rows, own, score):
    p = pred.sigmoid()
    weight = (.25 * target + .75 * (1 - target)) * ((1 - p) * target + p * (1 - target)).pow(2)
    return (F.binary_cross_entropy_with_logits(pred, target, reduction='none') * weight).sum(1)


def varifocal(pred, target, rows, own, score):
    quality = target * score[:, None]
    weight = quality + .75 * (pred.sigmoid() - quality).abs().pow(2) * (quality <= 0).float()
    return (F.binary_cross_entropy_with_logits(pred, quality, reduction='none') * weight).sum(1)


def quality(pred, target, rows, own, score):
    p = pred.sigmoid()
    loss = F.binary_cross_entropy_with_logits(pred, torch.zeros_like(pred), reduction='none') * p.pow(2)
    x, q = pred[rows, own], score[rows]
    loss = loss.index_put((rows, own), F.binary_cross_entropy_with_logits(x, q, reduction='none') * (q - x.sigmoid()).abs().pow(2))
    return loss.sum(1)


def loss(item, drawn, folder):
    """As mmdetection composes them of PyTorch's operations; the labels' places are prepared beforehand."""
    n, c = item['n'], item['c']
    if item['part'] == 'softmax-kl':
        pred, soft = (drawn.table(seed, -4., 4., 4 * n, c // 4) for seed in (1, 2))
        return {'composed': either(item, lambda: softmax_kl(pred, soft), [pred])}
    pred, label, score = drawn.table(1, -6., 2., n, c), drawn.table(2, 0., 10. * c, n).long().clamp(max=c), drawn.table(3, 0., 1., n)
    target = F.one_hot(label, c + 1)[:, :-1].float()
    rows = (label < c).nonzero()[:, 0]
    own, function = label[rows], {'focal': focal, 'varifocal': varifocal, 'quality': quality}[item['part']]
    return {'composed': either(item, lambda: function(pred, target, rows, own, score), [pred])}


def maxpool(item, drawn, folder):
    return in_layouts(lambda x: either(item, lambda: F.max_pool2d(x, 3, 2, 1), [x]), drawn.map(1))


def reduction(item, drawn, folder):
    if item['kind'] == 'amax':
        table = drawn.table(1, -4., 4., item['n'], item['c'])
        return {'amax': forward(lambda: table.amax(1))}
    return in_layouts(lambda x: forward(lambda: x.sum().reshape(1) if item['kind'] == 'sum' else x.mean((2, 3))), drawn.map(1))


def optimiser(item, drawn, folder):
    def way(**options):
        parameters = []
        for i in range(item['count']):
            parameters.append(drawn.table(2 * i + 1, -1., 1., item['n']).requires_grad_())
            parameters[i].grad = drawn.table(2 * i + 2, -1., 1., item['n'])
        if item['kind'] == 'sgd':
            stepper = torch.optim.SGD(parameters, .01, .9, weight_decay=1e-4, **options)
        else:
            stepper = torch.optim.Adam(parameters, .01, weight_decay=1e-4, **options)

        def run():
            stepper.step()
            return {'p.0': parameters[0]}
        return run
    ways = {'foreach': way(foreach=True)}
    if drawn.device.type == 'cuda':
        try:
            ways['fused'] = way(fused=True)
        except TypeError:   # of older versions
            pass
    return ways


def dcn(item, drawn, folder):
    import torchvision
    n, h, w, c = (item[name] for name in 'nhwc')
    offset, mask = drawn.map(2, -2., 2., (n, h, w, 18)), drawn.map(3, 0., 1., (n, h, w, 9))
    given = [map.contiguous() for map in (drawn.map(1), offset, mask, drawn.map(4, -.05, .05, (c, 3, 3, c)))]
    return {'torchvision': either(item, lambda: torchvision.ops.deform_conv2d(given[0], given[1], given[3], padding=1, mask=given[2]), given)}


def cornerpool(item, drawn, folder):
    """The running maximum that mmcv's corner pool is, on the sides that need no flips."""
    axis = {'bottom': 2, 'right': 3}[item['part']]
    return in_layouts(lambda x: either(item, lambda: x.cummax(axis)[0], [x]), drawn.map(1))


def nms(item, drawn, folder):
    import torchvision
    count = item['count']
    corners, sides = drawn.table(1, 0., 1000., count, 2), drawn.table(2, 8., 108., count, 2)
    boxes, scores = torch.cat([corners, corners + sides], 1), drawn.table(3, 0., 1., count)
    return {'torchvision': forward(lambda: torchvision.ops.nms(boxes, scores, .5))}


def network(item, drawn, folder):
    import gpu_gfl
    return gpu_gfl.ways(item, drawn, folder, LAYOUTS)


KINDS = {'copy': copy, 'matmul': matmul, 'conv': conv, 'relu': relu, 'add': add, 'batchnorm': batchnorm, 'groupnorm': groupnorm,
         'softmax': softmax, 'loss': loss, 'maxpool': maxpool, 'sum': reduction, 'mean': reduction, 'amax': reduction, 'sgd': optimiser,
         'adam': optimiser, 'dcn': dcn, 'cornerpool': cornerpool, 'nms': nms, 'gfl-forward': network, 'gfl-train': network}


def ways(item, device, folder):
    return KINDS[item['kind'].removesuffix('-gradient')](item, Drawn(item, device), folder)
