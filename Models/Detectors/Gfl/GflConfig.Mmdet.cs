namespace DenseEngine.Models;

public sealed partial record GflConfig : IMmdetModel {
    static string IMmdetModel.ModelType => "GFL";

    static DetectorConfig IMmdetModel.FromMmdet(MmdetText text, MmdetClasses classes) =>
        Read(text, MmdetDense.Head(text, "GFLHead", "GFocalHead"), classes);

    /// <summary>GFL from a text whose head is of its kind.</summary>
    internal static GflConfig Read(MmdetText text, ConfigSection head, MmdetClasses classes) {
        var defaults = new GflConfig();
        bool second = head.Text("type") == "GFocalHead";   // GFL v2's official code
        head.Only("reg_decoded_bbox", false);
        MmdetHeads.DistancePoints(head.Section("bbox_coder"));
        GflConfig config = MmdetDense.Read(text, head, classes, defaults) with {
            RegMax = head.Int("reg_max", 16),
            Quality = second ? new(head.Int("reg_topk", 4), head.Int("reg_channels", 64), head.Bool("add_mean", true)) : null,
            WeightSum = second ? WeightSum.Plain : WeightSum.AtLeastOne,
            ClassLoss = MmdetHeads.QualityFocal(head.Needed("loss_cls"), probabilities: second),
            BoxLoss = MmdetHeads.BoxLoss(head.Needed("loss_bbox")),
            DistributionLoss = head.Section("loss_dfl") is { } loss ? MmdetHeads.DistributionFocal(loss) : defaults.DistributionLoss,
        };
        return MmdetDense.Anchored(text, head, config, single: true);
    }
}
