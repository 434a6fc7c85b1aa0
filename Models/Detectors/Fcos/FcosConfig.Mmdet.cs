namespace DenseEngine.Models;

public sealed partial record FcosConfig : IMmdetModel {
    static string IMmdetModel.ModelType => "FCOS";

    static DetectorConfig IMmdetModel.FromMmdet(MmdetText text, MmdetClasses classes) {
        var defaults = new FcosConfig();
        ConfigSection head = MmdetDense.Head(text, "FCOSHead");
        text.TrainConfig?.IgnoreAll();   // points are assigned by the head itself
        FcosConfig config = MmdetPoints.Read(text, head, classes, defaults) with {
            NormOnBbox = head.Bool("norm_on_bbox", false),
            CenternessOnReg = head.Bool("centerness_on_reg", false),
            ClassLoss = head.Section("loss_cls") is { } ofClasses ? MmdetHeads.Focal(ofClasses) : defaults.ClassLoss,
            BoxLoss = head.Section("loss_bbox") is { } ofBoxes ? MmdetHeads.BoxLoss(ofBoxes) : defaults.BoxLoss,
            CenternessLoss =
                head.Section("loss_centerness") is { } ofMiddles ? MmdetHeads.CrossEntropy(ofMiddles) : defaults.CenternessLoss,
        };
        if (!config.CenternessLoss.UseSigmoid) throw head.Unsupported("loss_centerness");
        head.Check(config.Validate);
        return config;
    }
}
