namespace DenseEngine.Models;

public sealed partial record GflConfig : IMmdetModel {
    static string IMmdetModel.ModelType => "GFL";

    static DetectorConfig IMmdetModel.FromMmdet(MmdetText text, MmdetClasses classes) {
        ConfigSection model = text.Model;
        model.Ignore("pretrained", "init_cfg");
        ResNetConfig backbone = MmdetNetwork.ResNet(model.Needed("backbone"));
        ConfigSection neck = model.Needed("neck"), head = model.Needed("bbox_head");
        FpnConfig pyramid = MmdetNetwork.Fpn(neck, [.. backbone.OutIndices.Select(i => backbone.StageChannels()[i])]);
        head.Type("GFLHead");
        head.Ignore("init_cfg");
        head.Nothing("conv_cfg");
        head.Only("reg_decoded_bbox", false);
        head.Only("in_channels", (double)pyramid.OutChannels);
        MmdetHeads.DistancePoints(head.Section("bbox_coder"));
        ConfigSection generator = head.Needed("anchor_generator");
        MmdetAnchors anchors = MmdetHeads.Anchors(generator);
        if (anchors.Ratios is not [1]) throw generator.Unsupported("ratios");
        if (anchors.ScalesPerOctave != 1) throw generator.Unsupported("scales_per_octave");
        var defaults = new GflConfig();
        var config = new GflConfig {
            Classes = classes.Read(head),
            Backbone = backbone,
            Neck = pyramid,
            Strides = anchors.Strides,
            OctaveBaseScale = anchors.OctaveBaseScale,
            StackedConvs = head.Int("stacked_convs", 4),
            FeatChannels = head.Int("feat_channels", 256),
            HeadNorm = MmdetNetwork.Norm(head, "norm_cfg", defaults.HeadNorm),
            RegMax = head.Int("reg_max", 16),
            ClassLoss = MmdetHeads.QualityFocal(head.Needed("loss_cls")),
            BoxLoss = MmdetHeads.BoxLoss(head.Needed("loss_bbox")),
            DistributionLoss = head.Section("loss_dfl") is { } loss ? MmdetHeads.DistributionFocal(loss) : defaults.DistributionLoss,
        };
        if (text.TrainConfig is { } train) {
            train.Ignore("debug");
            train.Only("pos_weight", -1.0);
            if (train.Section("sampler") is { } sampler) sampler.Type("PseudoSampler");
            config = config with {
                Assigner = MmdetHeads.Atss(train.Needed("assigner")),
                AllowedBorder = train.Float("allowed_border", -1),
            };
        }
        head.Check(config.Validate);
        return config;
    }
}
