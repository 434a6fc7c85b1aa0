namespace DenseEngine.Models;

public sealed partial record RetinaConfig : IMmdetModel {
    static string IMmdetModel.ModelType => "RetinaNet";

    static DetectorConfig IMmdetModel.FromMmdet(MmdetText text, MmdetClasses classes) {
        ConfigSection head = MmdetDense.Head(text, "RetinaHead", "RetinaGFLHead");
        return Read(text, head, classes, distributions: head.Type("RetinaHead", "RetinaGFLHead") == "RetinaGFLHead");
    }

    /// <summary>RetinaNet from a text whose head is of its kind.</summary>
    internal static RetinaConfig Read(MmdetText text, ConfigSection head, MmdetClasses classes, bool distributions) {
        RegressionLoss boxLoss = MmdetHeads.Regression(head.Needed("loss_bbox"));
        bool decoded = head.Bool("reg_decoded_bbox", false);
        if (boxLoss.OfBoxes && !decoded) throw head.Wrong("reg_decoded_bbox", "must be True for a loss of overlaps");
        RetinaConfig config = MmdetDense.Read(text, head, classes, new RetinaConfig()) with {
            RegMax = distributions ? head.Int("reg_max", 16) : null,
            Coder = MmdetHeads.Deltas(head.Section("bbox_coder")),
            ClassLoss = MmdetHeads.Focal(head.Needed("loss_cls")),
            BoxLoss = boxLoss,
            DecodedBoxes = decoded && !boxLoss.OfBoxes,
        };
        return MmdetDense.Anchored(text, head, config, single: false);
    }
}
