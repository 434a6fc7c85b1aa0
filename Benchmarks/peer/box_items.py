"""Items about boxes, in PyTorch: assignment as mmdetection formulates it, over the matrix of all anchors and objects, and suppression."""
import torch
import torchvision

CELLS = ((100, 168), (50, 84), (25, 42), (13, 21), (7, 11))   # of a picture of 800×1344, strides 8 to 128


def overlaps(a, b):
    """The IoU of each of a with each of b."""
    corners = torch.max(a[:, None, :2], b[None, :, :2]), torch.min(a[:, None, 2:], b[None, :, 2:])
    inter = (corners[1] - corners[0]).clamp(min=0).prod(2)
    areas = [(boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]) for boxes in (a, b)]
    return inter / (areas[0][:, None] + areas[1][None] - inter).clamp(min=1e-6)


class Assign:
    """Objects for the anchors of a picture, one square anchor of eight strides a cell."""

    def __init__(self, item, folder):
        self.item, generator = item, torch.Generator().manual_seed(7)
        anchors = []
        for level, (height, width) in enumerate(CELLS):
            stride = 8 << level
            y, x = torch.meshgrid(torch.arange(height) * stride, torch.arange(width) * stride, indexing='ij')
            centres = torch.stack([x, y], 2).reshape(-1, 2).float()
            anchors.append(torch.cat([centres - 4 * stride, centres + 4 * stride], 1))
        centres = torch.rand(item['objects'], 2, generator=generator) * torch.tensor([1333., 800.])
        sizes = 16 * 32 ** torch.rand(item['objects'], 2, generator=generator)   # from 16 to 512 pixels
        self.inputs = {'anchors': torch.cat(anchors), 'levels': torch.tensor([len(level) for level in anchors]).int(),
                       'objects': torch.cat([centres - sizes / 2, centres + sizes / 2], 1)}

    def ways(self):
        way = {'assign-atss': self.atss, 'assign-max-iou': self.max_iou}[self.item['kind']]
        return {self.item['kind']: lambda: {'y': way(self.inputs['anchors'], self.inputs['objects']).int()}}

    def atss(self, anchors, objects):
        iou = overlaps(anchors, objects)
        centres, middles = (anchors[:, :2] + anchors[:, 2:]) / 2, (objects[:, :2] + objects[:, 2:]) / 2
        distances = (centres[:, None] - middles[None]).pow(2).sum(2).sqrt()
        candidates, start = [], 0
        for size in self.inputs['levels'].tolist():
            nearest = distances[start:start + size].topk(min(9, size), dim=0, largest=False).indices
            candidates.append(nearest + start)
            start += size
        candidates = torch.cat(candidates)
        of_candidates = iou.gather(0, candidates)
        positive = of_candidates >= of_candidates.mean(0) + of_candidates.std(0)
        x, y = centres[candidates].unbind(2)
        positive &= torch.stack([x - objects[:, 0], y - objects[:, 1], objects[:, 2] - x, objects[:, 3] - y]).amin(0) > .01
        claimed = torch.full_like(iou, -1e8)
        claimed.scatter_(0, candidates, torch.where(positive, of_candidates, torch.tensor(-1e8)))
        best, of = claimed.max(1)
        return torch.where(best > -1e8, of + 1, 0)

    def max_iou(self, anchors, objects):
        iou = overlaps(objects, anchors)
        best, of = iou.max(0)
        assigned = torch.full_like(of, -1)
        assigned[best < .4] = 0
        assigned[best >= .5] = of[best >= .5] + 1
        for k, most in enumerate(iou.max(1).values):
            assigned[iou[k] == most] = k + 1
        return assigned

    def module(self):
        return None


class Nms:
    """Suppression at an IoU of 0.6 of boxes all over a picture of 800×1333, or around so many objects."""

    def __init__(self, item, folder):
        count, objects, generator = item['count'], item.get('objects', 0), torch.Generator().manual_seed(8)
        sizes = 10 + 190 * torch.rand(objects or count, 2, generator=generator)
        corners = torch.rand(objects or count, 2, generator=generator) * (torch.tensor([1333., 800.]) - sizes)
        if objects:
            of = torch.randint(objects, (count,), generator=generator)
            sizes = sizes[of] * (1 + .15 * torch.randn(count, 2, generator=generator)).clamp(min=.3)
            corners = corners[of] + .15 * sizes * torch.randn(count, 2, generator=generator)
        self.inputs = {'boxes': torch.cat([corners, corners + sizes], 1),
                       'scores': (torch.randperm(count, generator=generator).float() + 1) / (count + 1)}

    def ways(self):
        return {'torchvision': lambda: {'y': torchvision.ops.nms(self.inputs['boxes'], self.inputs['scores'], .6).int()}}

    def module(self):
        return None


KINDS = {'assign-atss': Assign, 'assign-max-iou': Assign, 'nms': Nms}
