namespace DenseEngine.Models;

public sealed partial record VfnetConfig : IMmdetModel {
    static string IMmdetModel.ModelType => "VFNet";

    static DetectorConfig IMmdetModel.FromMmdet(MmdetText text, MmdetClasses classes) {
        var defaults = new VfnetConfig { StackedConvs = 4 };
        ConfigSection head = MmdetDense.Head(text, "VFNetHead");
        head.Only("reg_decoded_bbox", true);
        bool varifocal = head.Bool("use_vfl", true);
        if (head.Section(varifocal ? "loss_cls_fl" : "loss_cls") is { } other) {   // the loss that is not used
            if (!varifocal) other.Only("use_sigmoid", true);
            other.IgnoreAll();
        }
        ConfigSection? ofClasses = head.Section(varifocal ? "loss_cls" : "loss_cls_fl");
        VfnetConfig config = MmdetPoints.Read(text, head, classes, defaults) with {
            UseAtss = head.Bool("use_atss", true),
            BoxUnit = head.Text("bbox_norm_type", "reg_denom") switch {
                "reg_denom" => BoxUnit.RegressRange,
                "stride" => BoxUnit.Stride,
                _ => throw head.Unsupported("bbox_norm_type"),
            },
            GradientMul = head.Float("gradient_mul", 0.1f),
            SyncNumPos = head.Bool("sync_num_pos", true),
            ClassLoss = !varifocal ? null : ofClasses is null ? new() : MmdetHeads.Varifocal(ofClasses),
            FocalLoss = varifocal || ofClasses is null ? new() : MmdetHeads.Focal(ofClasses),
            BoxLoss = head.Section("loss_bbox") is { } first ? MmdetHeads.BoxLoss(first) : defaults.BoxLoss,
            RefinedBoxLoss = head.Section("loss_bbox_refine") is { } second ? MmdetHeads.BoxLoss(second) : defaults.RefinedBoxLoss,
        };
        if (head.Section("anchor_generator") is { } generator) {
            MmdetAnchors anchors = MmdetHeads.Anchors(generator);
            if (anchors.Ratios is not [1]) throw generator.Unsupported("ratios");
            if (anchors.ScalesPerOctave != 1) throw generator.Unsupported("scales_per_octave");
            if (anchors.Scales is not null) throw generator.Unsupported("scales");
            if (!anchors.Strides.SequenceEqual(config.Strides)) throw generator.Wrong("strides", "must be the head's");
            config = config with { OctaveBaseScale = anchors.OctaveBaseScale, CenterOffset = anchors.CenterOffset };
        } else if (!config.Strides.SequenceEqual(defaults.Strides)) {
            throw head.Missing("anchor_generator");
        }
        if (text.TrainConfig is { } train) {
            MmdetDense.Training(train);
            config = config with {
                Assigner = MmdetHeads.Assigner(train.Needed("assigner")),
                AllowedBorder = train.Float("allowed_border", -1),
            };
        }
        head.Check(config.Validate);
        return config;
    }
}
