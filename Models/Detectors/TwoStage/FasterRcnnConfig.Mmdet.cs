namespace DenseEngine.Models;

public sealed partial record FasterRcnnConfig : IMmdetModel {
    static string IMmdetModel.ModelType => "FasterRCNN";

    static DetectorConfig IMmdetModel.FromMmdet(MmdetText text, MmdetClasses classes) {
        (ResNetConfig backbone, FpnConfig neck) = MmdetNetwork.Pyramid(text.Model);
        ConfigSection roi = text.Model.Needed("roi_head"), head = roi.Needed("bbox_head");
        roi.Type("StandardRoIHead");
        roi.Ignore("init_cfg", "pretrained");
        var config = new FasterRcnnConfig {
            Classes = classes.Read(head),
            Backbone = backbone,
            Neck = neck,
            Rpn = ReadRpn(text.Model.Needed("rpn_head"), neck),
            Roi = ReadRoi(roi.Needed("bbox_roi_extractor"), head, neck),
        };
        if (text.TestConfig?.Section("rpn") is { } test) {
            TestConfig selection = MmdetTest.Proposals(test);   // training's, too, if it has none of its own
            config = config with { Rpn = config.Rpn with { TestProposals = selection, TrainProposals = selection } };
        }
        if (text.TrainConfig is { } train) config = WithTraining(config, train);
        text.Model.Check(config.Validate);
        return config;
    }

    private static RpnConfig ReadRpn(ConfigSection rpn, FpnConfig neck) {
        rpn.Type("RPNHead");
        rpn.Ignore("init_cfg");
        rpn.Only("in_channels", (double)neck.OutChannels);
        rpn.Only("num_convs", 1.0);
        rpn.Only("num_classes", 1.0);
        MmdetAnchors anchors = MmdetHeads.Anchors(rpn.Needed("anchor_generator"));
        return new RpnConfig {
            FeatChannels = rpn.Int("feat_channels", 256),
            Strides = anchors.Strides,
            Ratios = anchors.Ratios,
            Scales = anchors.Scales ?? AnchorGenerator.OctaveScales(anchors.OctaveBaseScale, anchors.ScalesPerOctave),
            CenterOffset = anchors.CenterOffset,
            Coder = MmdetHeads.Deltas(rpn.Section("bbox_coder")),
            ClassLoss = MmdetHeads.CrossEntropy(rpn.Needed("loss_cls")),
            BoxLoss = MmdetHeads.Regression(rpn.Needed("loss_bbox")),
            DecodedBoxes = DecodesBoxes(rpn),
        };
    }

    private static RoiConfig ReadRoi(ConfigSection extractor, ConfigSection head, FpnConfig neck) {
        extractor.Type("SingleRoIExtractor");
        extractor.Ignore("init_cfg");
        extractor.Only("out_channels", (double)neck.OutChannels);
        ConfigSection layer = extractor.Needed("roi_layer");
        layer.Type("RoIAlign");
        layer.Only("pool_mode", "avg");
        layer.Ignore("use_torchvision");   // the same, computed elsewhere
        head.Type("Shared2FCBBoxHead");
        head.Ignore("init_cfg");
        head.Only("in_channels", (double)neck.OutChannels);
        head.Only("with_avg_pool", false);
        head.Only("with_cls", true);
        head.Only("with_reg", true);
        head.Nothing("conv_cfg");
        head.Nothing("norm_cfg");
        foreach (string predictor in (string[])["cls_predictor_cfg", "reg_predictor_cfg"]) head.Section(predictor)?.Type("Linear");
        int size = layer.Int(layer.Has("out_size") ? "out_size" : "output_size");   // the former until mmcv 1.0, and so the samples' name
        head.Only("roi_feat_size", (double)size);
        var defaults = new RoiConfig();
        return defaults with {
            Strides = extractor.Ints("featmap_strides") ?? throw extractor.Missing("featmap_strides"),
            FinestScale = extractor.Float("finest_scale", defaults.FinestScale),
            PooledSize = size,
            SamplingRatio = layer.Int(layer.Has("sample_num") ? "sample_num" : "sampling_ratio", 0),
            Aligned = layer.Bool("aligned", true),
            FcChannels = head.Int("fc_out_channels", defaults.FcChannels),
            ClassAgnostic = head.Bool("reg_class_agnostic", false),
            Coder = head.Section("bbox_coder") is { } coder ? MmdetHeads.Deltas(coder) : defaults.Coder,
            ClassLoss = head.Section("loss_cls") is { } ofClasses ? MmdetHeads.CrossEntropy(ofClasses) : defaults.ClassLoss,
            BoxLoss = head.Section("loss_bbox") is { } ofBoxes ? MmdetHeads.Regression(ofBoxes) : new SmoothL1Loss(),
            DecodedBoxes = DecodesBoxes(head),
        };
    }

    /// <summary>Losses of overlaps compare decoded boxes and nothing else, so that the option says nothing of them.</summary>
    private static bool DecodesBoxes(ConfigSection head) {
        bool decoded = head.Bool("reg_decoded_bbox", false);
        bool overlaps = head.TypeOf("loss_bbox")?.EndsWith("IoULoss", StringComparison.Ordinal) ?? false;
        if (overlaps && !decoded) throw head.Wrong("reg_decoded_bbox", "must be True for a loss of overlaps");
        return decoded && !overlaps;
    }

    private static FasterRcnnConfig WithTraining(FasterRcnnConfig config, ConfigSection train) {
        ConfigSection rpn = train.Needed("rpn"), rcnn = train.Needed("rcnn");
        RpnConfig proposing = config.Rpn with {
            Assigner = MmdetHeads.Assigner(rpn.Needed("assigner")),
            Sampler = MmdetHeads.Sampler(rpn.Needed("sampler")),
            AllowedBorder = rpn.Float("allowed_border", 0),
            PositiveWeight = Weight(rpn),
        };
        if (train.Section("rpn_proposal") is { } selection) proposing = proposing with { TrainProposals = MmdetTest.Proposals(selection) };
        return config with {
            Rpn = proposing,
            Roi = config.Roi with {
                Assigner = MmdetHeads.Assigner(rcnn.Needed("assigner")),
                Sampler = MmdetHeads.Sampler(rcnn.Needed("sampler")),
                PositiveWeight = Weight(rcnn),
            },
        };
    }

    private static float Weight(ConfigSection train) {
        train.Ignore("debug");
        float weight = train.Float("pos_weight", -1);
        return weight > 0 ? weight : 1;
    }
}
