"""GFL-R50 on a GPU: forward passes, and training steps whose losses are computed for all levels at once."""
import contextlib

import torch
import torch.nn.functional as F

import gfl_r50
from train_demo import iou

STRIDES, BINS, CLASSES, OBJECTS = (8, 16, 32, 64, 128), gfl_r50.BINS, 80, 8


def truth(picture, item, drawn):
    """Objects whose sides are between a twentieth and half of the picture's."""
    import gpu_items
    at = gpu_items.values(100 + picture, 4 * OBJECTS, 0., 1., drawn.device).view(OBJECTS, 4)
    kinds = gpu_items.values(200 + picture, OBJECTS, 0., float(CLASSES), drawn.device).long()
    size = torch.tensor([item['w'], item['h']], device=drawn.device).float()
    sides = (.05 + .45 * at[:, 2:]) * size
    corners = at[:, :2] * (size - sides)
    return torch.cat([corners, corners + sides], 1), kinds


class Grid:
    """The anchors' points and strides, level by level."""

    def __init__(self, maps, device):
        points, strides, self.counts = [], [], []
        for (height, width), stride in zip(maps, STRIDES):
            y, x = torch.meshgrid(torch.arange(height, device=device) * float(stride), torch.arange(width, device=device) * float(stride),
                                  indexing='ij')
            points.append(torch.stack([x, y], -1).reshape(-1, 2))
            strides.append(torch.full((height * width,), float(stride), device=device))
            self.counts.append(height * width)
        self.points, self.strides = torch.cat(points), torch.cat(strides)
        side = 4 * self.strides[:, None]
        self.anchors = torch.cat([self.points - side, self.points + side], 1)

    def assign(self, boxes):
        """ATSS: for each anchor the object's number, or -1."""
        overlap, _ = iou(self.anchors, boxes, True)
        distances = torch.cdist(self.points, (boxes[:, :2] + boxes[:, 2:]) / 2, compute_mode='donot_use_mm_for_euclid_dist')
        chosen, start = [], 0
        for count in self.counts:
            chosen.append(distances[start:start + count].topk(min(9, count), 0, largest=False)[1] + start)
            start += count
        chosen = torch.cat(chosen)
        candidate = overlap.gather(0, chosen)
        points = self.points[chosen]
        inside = torch.cat([points - boxes[:, :2], boxes[:, 2:] - points], -1).amin(-1) > .01
        ok = (candidate >= candidate.mean(0) + candidate.std(0)) & inside
        kept = torch.full_like(overlap, -1.).scatter_(0, chosen, torch.where(ok, candidate, torch.full_like(candidate, -1.)))
        best, which = kept.max(1)
        return torch.where(best >= 0, which, torch.full_like(which, -1))


def loss_of(scores, bins, grid, truths):
    """Quality focal, GIoU and distribution focal loss as mmdetection weighs them."""
    n = len(truths)
    logits = torch.cat([map.permute(0, 2, 3, 1).reshape(n, -1, CLASSES) for map in scores], 1).float()
    dist = torch.cat([map.permute(0, 2, 3, 1).reshape(n, -1, 4 * (BINS + 1)) for map in bins], 1).float()
    target = torch.stack([grid.assign(boxes) for boxes, _ in truths])
    boxes, labels = torch.stack([boxes for boxes, _ in truths]), torch.stack([labels for _, labels in truths])
    picture, anchor = (target >= 0).nonzero(as_tuple=True)
    positives, of = len(picture), target[picture, anchor]
    p = logits.sigmoid()
    quality_loss = F.binary_cross_entropy_with_logits(logits, torch.zeros_like(logits), reduction='none') * p ** 2
    if positives == 0:
        return quality_loss.sum() + dist.sum() * 0
    stride = grid.strides[anchor][:, None]
    at, truth, label = grid.points[anchor] / stride, boxes[picture, of] / stride, labels[picture, of]
    own = dist[picture, anchor].view(-1, BINS + 1)
    distance = (F.softmax(own, -1) @ torch.arange(BINS + 1., device=own.device)).view(-1, 4)
    predicted = torch.cat([at - distance[:, :2], at + distance[:, 2:]], 1)
    weight = p[picture, anchor].amax(1).detach()
    quality, giou = iou(predicted, truth)
    quality = quality.detach()
    x = logits[picture, anchor, label]
    quality_loss = quality_loss.index_put((picture, anchor, label), F.binary_cross_entropy_with_logits(x, quality, reduction='none')
                                          * (quality - x.sigmoid()).abs() ** 2)
    y = torch.cat([at - truth[:, :2], truth[:, 2:] - at], 1).clamp(0, BINS - .1).reshape(-1)
    left = y.long()
    logp = F.log_softmax(own, -1)
    each = -logp.gather(1, left[:, None])[:, 0] * (left + 1 - y) - logp.gather(1, left[:, None] + 1)[:, 0] * (y - left)
    regression = ((1 - giou) * weight).sum() * 2 + (each * weight.repeat_interleave(4)).sum() * .25 / 4
    return quality_loss.sum() / positives + regression / weight.sum().clamp(min=1.)


def ways(item, drawn, folder, layouts):
    path = gfl_r50.checkpoint(folder)
    bf16 = item['precision'] == 'bf16'

    def way(layout):
        model = gfl_r50.Gfl().eval()
        model.load_state_dict(torch.load(path)['state_dict'])
        model = model.to(drawn.device, memory_format=layout)
        x = drawn.map(1, -2., 2., (item['n'], item['h'], item['w'], 3)).contiguous(memory_format=layout)

        def compute():
            with torch.autocast(drawn.device.type, torch.bfloat16) if bf16 else contextlib.nullcontext():
                return model(x)

        def forward():
            with torch.no_grad():
                scores, bins = compute()
                return {f'{name}.{i}': map for name, maps in (('cls', scores), ('reg', bins)) for i, map in enumerate(maps)}
        return forward if item['kind'] == 'gfl-forward' else trained(model, compute, item, drawn)
    return {name: way(layout) for name, layout in layouts.items()}


def trained(model, compute, item, drawn):
    """A step with a rate of zero; stem and first stage are frozen, batch norms keep their statistics."""
    frozen = [model.backbone.conv1, model.backbone.bn1, model.backbone.layer1]
    for parameter in (parameter for module in frozen for parameter in module.parameters()):
        parameter.requires_grad_(False)
    stepper = torch.optim.SGD([parameter for parameter in model.parameters() if parameter.requires_grad], 0., .9, weight_decay=1e-4)
    truths = [truth(picture, item, drawn) for picture in range(item['n'])]
    with torch.no_grad():
        grid = Grid([map.shape[-2:] for map in compute()[0]], drawn.device)
    shown = [model.bbox_head.gfl_cls.weight, model.bbox_head.gfl_reg.weight, model.backbone.layer2[0].conv1.weight]

    def run():
        stepper.zero_grad(set_to_none=True)
        loss = loss_of(*compute(), grid, truths)
        loss.backward()
        stepper.step()
        return {'loss': loss.detach().reshape(1), **{f'd{i}': each.grad for i, each in enumerate(shown)}}
    return run
