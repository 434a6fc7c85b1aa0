namespace DenseEngine.Models;

public sealed partial record FcosConfig : IMmdetModel {
    static string IMmdetModel.ModelType => "FCOS";

    static DetectorConfig IMmdetModel.FromMmdet(MmdetText text, MmdetClasses classes) {
        ConfigSection head = MmdetDense.Head(text, "FCOSHead", "FCOSGFLHead");
        return Read(text, head, classes, distributions: head.Type("FCOSHead", "FCOSGFLHead") == "FCOSGFLHead");
    }

    /// <summary>FCOS from a text whose head is of its kind.</summary>
    internal static FcosConfig Read(MmdetText text, ConfigSection head, MmdetClasses classes, bool distributions) {
        var defaults = new FcosConfig();
        text.TrainConfig?.IgnoreAll();   // points are assigned by the head itself
        FcosConfig config = MmdetPoints.Read(text, head, classes, defaults) with {
            RegMax = distributions ? head.Int("reg_max", 16) : null,
            NormOnBbox = head.Bool("norm_on_bbox", false),
            CenternessOnReg = head.Bool("centerness_on_reg", false),
            ClassLoss = head.Section("loss_cls") is { } ofClasses ? MmdetHeads.Focal(ofClasses) : defaults.ClassLoss,
            BoxLoss = head.Section("loss_bbox") is { } ofBoxes ? MmdetHeads.BoxLoss(ofBoxes) : defaults.BoxLoss,
            CenternessLoss =
                head.Section("loss_centerness") is { } ofMiddles ? MmdetHeads.CrossEntropy(ofMiddles) : defaults.CenternessLoss,
        };
        // LD's head with distributions has layers of its own: no biases in the towers, and centre-ness beside the box, whatever is said.
        if (distributions) config = config with { ConvBias = null, DcnOnLastConv = false, CenternessOnReg = true };
        head.Check(config.Validate);
        return config;
    }
}
