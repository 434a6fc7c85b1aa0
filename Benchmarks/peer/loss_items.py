"""Losses as mmdetection composes them, forward and backward: the sum over weighted rows, divided by a number."""
import torch
import torch.nn.functional as F

FACTOR, EPS = 200., torch.finfo(torch.float32).eps


def focal(pred, label, weight, score, gamma=2., alpha=.25):
    target = F.one_hot(label, pred.shape[1] + 1)[:, :-1].type_as(pred)
    p = pred.sigmoid()
    wrong = (1 - p) * target + p * (1 - target)
    factor = (alpha * target + (1 - alpha) * (1 - target)) * wrong.pow(gamma)
    return F.binary_cross_entropy_with_logits(pred, target, reduction='none') * factor * weight[:, None]


def varifocal(pred, label, weight, score, alpha=.75, gamma=2.):
    target = torch.zeros_like(pred)
    rows = (label < pred.shape[1]).nonzero().squeeze(1)
    target[rows, label[rows]] = score[rows]
    p = pred.sigmoid()
    factor = target * (target > 0).float() + alpha * (p - target).abs().pow(gamma) * (target <= 0).float()
    return F.binary_cross_entropy_with_logits(pred, target, reduction='none') * factor


def quality(pred, label, weight, score, beta=2.):
    p = pred.sigmoid()
    loss = F.binary_cross_entropy_with_logits(pred, torch.zeros_like(pred), reduction='none') * p.pow(beta)
    rows = (label < pred.shape[1]).nonzero().squeeze(1)
    own = label[rows]
    factor = (score[rows] - p[rows, own]).abs()
    loss[rows, own] = F.binary_cross_entropy_with_logits(pred[rows, own], score[rows], reduction='none') * factor.pow(beta)
    return loss.sum(dim=1) * weight


def softmax_kl(pred, soft, weight, temperature=10.):
    target = F.softmax(soft / temperature, dim=1).detach()
    rows = F.kl_div(F.log_softmax(pred / temperature, dim=1), target, reduction='none').mean(1) * (temperature * temperature)
    return rows * weight


class Loss:
    """A loss on the anchors of a picture: on 80 classes, one anchor in ten an object's; or on the bins of their four sides."""

    def __init__(self, item, folder):
        self.loss, generator = item['loss'], torch.Generator().manual_seed(7)
        if self.loss == 'softmax-kl':
            rows, columns = 4 * item['anchors'], item['bins']
            self.inputs = {'x': torch.randn(rows, columns, generator=generator) * 2, 'soft': torch.randn(rows, columns, generator=generator) * 2}
        else:
            rows, columns = item['anchors'], item['classes']
            label = torch.randint(10 * columns, (rows,), generator=generator).clamp(max=columns)
            self.inputs = {'x': torch.randn(rows, columns, generator=generator) * 2 - 2, 'label': label.int(),
                           'score': torch.rand(rows, generator=generator)}
        self.inputs['weight'] = torch.rand(rows, generator=generator)

    def ways(self):
        x, weight = self.inputs['x'].clone().requires_grad_(), self.inputs['weight']
        label, score = self.inputs.get('label', torch.zeros(0)).long(), self.inputs.get('score')

        def run():
            x.grad = None
            if self.loss == 'softmax-kl':
                entries = softmax_kl(x, self.inputs['soft'], weight)
            else:
                entries = {'focal': focal, 'varifocal': varifocal, 'quality': quality}[self.loss](x, label, weight, score)
            loss = entries.sum() / (FACTOR + EPS)
            loss.backward()
            return {'loss': loss.detach()[None], 'x.grad': x.grad}
        return {'composed': run}

    def module(self):
        return None
