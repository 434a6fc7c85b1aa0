"""torchvision's Faster R-CNN on ResNet-50 and FPN with random weights, which are written under mmdetection's names: a peer for speed.
Its anchors are not rounded, and those of the last level are a whole stride apart, as mmdetection has them; all else is torchvision's."""
from pathlib import Path

import torch
import torch.nn as nn
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import resnet_fpn_backbone

import gfl_r50

CLASSES, STRIDES = 80, [4, 8, 16, 32, 64]
PIPELINE = gfl_r50.CONFIG[gfl_r50.CONFIG.index('test_pipeline'):]


class Anchors(AnchorGenerator):
    def __init__(self):
        super().__init__(tuple((8 * stride,) for stride in STRIDES), ((.5, 1., 2.),) * len(STRIDES))

    def generate_anchors(self, scales, aspect_ratios, dtype=torch.float32, device='cpu'):
        high = torch.as_tensor(aspect_ratios, dtype=dtype) ** .5
        sizes = torch.as_tensor(scales, dtype=dtype)
        wide, high = (1 / high[:, None] * sizes).flatten(), (high[:, None] * sizes).flatten()
        return torch.stack([-wide, -high, wide, high], 1) / 2

    def grid_anchors(self, grid_sizes, strides):
        return super().grid_anchors(grid_sizes, [[torch.tensor(s), torch.tensor(s)] for s in STRIDES])


class FasterRcnn(nn.Module):
    def __init__(self, height, width):
        super().__init__()
        backbone = resnet_fpn_backbone(backbone_name='resnet50', weights=None, trainable_layers=0)
        self.model = FasterRCNN(
            backbone, CLASSES + 1, min_size=min(height, width), max_size=max(height, width), image_mean=[0., 0., 0.],
            image_std=[1., 1., 1.], rpn_anchor_generator=Anchors())

    def forward(self, x):
        found = self.model([x[0]])[0]
        return {'boxes': found['boxes'], 'scores': found['scores'], 'labels': found['labels'].float() - 1}


def config():
    """mmdetection's text of it."""
    coder = dict(type='DeltaXYWHBBoxCoder', target_means=[.0, .0, .0, .0], target_stds=[1., 1., 1., 1.])
    proposals = dict(nms_pre=1000, max_per_img=1000, nms=dict(type='nms', iou_threshold=.7), min_bbox_size=0)
    loss = dict(type='L1Loss', loss_weight=1.0)
    model = dict(
        type='FasterRCNN',
        backbone=dict(type='ResNet', depth=50, num_stages=4, out_indices=(0, 1, 2, 3), frozen_stages=1,
                      norm_cfg=dict(type='BN', requires_grad=True), norm_eval=True, style='pytorch'),
        neck=dict(type='FPN', in_channels=[256, 512, 1024, 2048], out_channels=256, num_outs=5),
        rpn_head=dict(type='RPNHead', in_channels=256, feat_channels=256, bbox_coder=coder, loss_bbox=loss,
                      anchor_generator=dict(type='AnchorGenerator', scales=[8], ratios=[.5, 1., 2.], strides=STRIDES),
                      loss_cls=dict(type='CrossEntropyLoss', use_sigmoid=True, loss_weight=1.0)),
        roi_head=dict(
            type='StandardRoIHead',
            bbox_roi_extractor=dict(type='SingleRoIExtractor', out_channels=256, featmap_strides=STRIDES[:4],
                                    roi_layer=dict(type='RoIAlign', output_size=7, sampling_ratio=2, aligned=False)),
            bbox_head=dict(type='Shared2FCBBoxHead', in_channels=256, fc_out_channels=1024, roi_feat_size=7, num_classes=CLASSES,
                           bbox_coder=dict(coder, target_stds=[.1, .1, .2, .2]), reg_class_agnostic=False, loss_bbox=loss,
                           loss_cls=dict(type='CrossEntropyLoss', use_sigmoid=False, loss_weight=1.0))),
        test_cfg=dict(rpn=proposals, rcnn=dict(score_thr=.05, nms=dict(type='nms', iou_threshold=.5), max_per_img=100)))
    return f'model = {model!r}\n{PIPELINE}'


def mmdet_state(model):
    """The weights by mmdetection's names, the background's last."""
    state = {}
    for name, tensor in model.model.state_dict().items():
        name = (name.replace('backbone.body.', 'backbone.').replace('backbone.fpn.inner_blocks.', 'neck.lateral_convs.')
                .replace('backbone.fpn.layer_blocks.', 'neck.fpn_convs.').replace('rpn.head.conv.0.0.', 'rpn_head.rpn_conv.')
                .replace('rpn.head.cls_logits.', 'rpn_head.rpn_cls.').replace('rpn.head.bbox_pred.', 'rpn_head.rpn_reg.')
                .replace('roi_heads.box_head.fc6.', 'roi_head.bbox_head.shared_fcs.0.')
                .replace('roi_heads.box_head.fc7.', 'roi_head.bbox_head.shared_fcs.1.')
                .replace('roi_heads.box_predictor.cls_score.', 'roi_head.bbox_head.fc_cls.')
                .replace('roi_heads.box_predictor.bbox_pred.', 'roi_head.bbox_head.fc_reg.'))
        if name.startswith('neck.'):
            name = name.replace('.0.weight', '.conv.weight').replace('.0.bias', '.conv.bias')
        if 'fc_cls' in name:
            tensor = tensor.roll(-1, 0)
        if 'fc_reg' in name:
            tensor = tensor[4:]
        state[name] = tensor.contiguous()
        if name.endswith('running_var'):
            state[name.replace('running_var', 'num_batches_tracked')] = torch.tensor(0)
    return state


def randomise(model):
    """Weights whose scores spread: some regions are surely something."""
    generator = torch.Generator().manual_seed(52)
    with torch.no_grad():
        for name, m in model.named_modules():
            if isinstance(m, (nn.Conv2d, nn.Linear)):
                inputs = m.weight[0].numel()
                m.weight.normal_(0, (2 / inputs) ** .5, generator=generator)
                if m.bias is not None:
                    m.bias.normal_(0, .1, generator=generator)
            elif hasattr(m, 'running_var'):
                m.weight.normal_(.3 if name.endswith('bn3') else 1, .05, generator=generator)
                m.bias.normal_(0, .1, generator=generator)
                m.running_mean.normal_(0, .1, generator=generator)
                m.running_var.copy_(torch.rand(m.running_var.shape, generator=generator) + .5)
        head = model.model
        for layer, factor in ((head.rpn.head.cls_logits, .03), (head.rpn.head.bbox_pred, .01), (head.roi_heads.box_predictor.bbox_pred, .03),
                              (head.roi_heads.box_predictor.cls_score, .06)):
            layer.weight.mul_(factor)


def network(item, folder):
    """The network with its weights, and the checkpoint's file beside it."""
    model, path = FasterRcnn(item['height'], item['width']).eval(), Path(folder) / 'faster-rcnn-r50.pth'
    randomise(model)
    if not path.exists():
        torch.save({'meta': {'config': config(), 'CLASSES': tuple(f'class {i}' for i in range(CLASSES)), 'mmdet_version': '2.25.3'},
                    'state_dict': mmdet_state(model)}, path)
    return model
