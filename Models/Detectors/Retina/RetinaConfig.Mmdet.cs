namespace DenseEngine.Models;

public sealed partial record RetinaConfig : IMmdetModel {
    static string IMmdetModel.ModelType => "RetinaNet";

    static DetectorConfig IMmdetModel.FromMmdet(MmdetText text, MmdetClasses classes) {
        ConfigSection head = MmdetDense.Head(text, "RetinaHead");
        RegressionLoss boxLoss = MmdetHeads.Regression(head.Needed("loss_bbox"));
        head.Only("reg_decoded_bbox", boxLoss.OfBoxes);
        if (boxLoss.OfBoxes && !head.Has("reg_decoded_bbox")) throw head.Missing("reg_decoded_bbox");
        RetinaConfig config = MmdetDense.Read(text, head, classes, new RetinaConfig()) with {
            Coder = MmdetHeads.Deltas(head.Section("bbox_coder")),
            ClassLoss = MmdetHeads.Focal(head.Needed("loss_cls")),
            BoxLoss = boxLoss,
        };
        config = MmdetDense.Anchored(text, head, config, single: false);
        head.Check(config.Validate);
        return config;
    }
}
