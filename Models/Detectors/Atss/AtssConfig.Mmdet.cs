namespace DenseEngine.Models;

public sealed partial record AtssConfig : IMmdetModel {
    static string IMmdetModel.ModelType => "ATSS";

    static DetectorConfig IMmdetModel.FromMmdet(MmdetText text, MmdetClasses classes) {
        ConfigSection head = MmdetDense.Head(text, "ATSSHead");
        head.Only("reg_decoded_bbox", true);
        var defaults = new AtssConfig();
        AtssConfig config = MmdetDense.Read(text, head, classes, defaults) with {
            BoxCoder = MmdetHeads.Deltas(head.Section("bbox_coder")),
            PredKernelSize = head.Int("pred_kernel_size", 3),
            ClassLoss = MmdetHeads.Focal(head.Needed("loss_cls")),
            BoxLoss = MmdetHeads.BoxLoss(head.Needed("loss_bbox")),
            CenternessLoss = head.Section("loss_centerness") is { } loss ? MmdetHeads.CrossEntropy(loss) : defaults.CenternessLoss,
        };
        config = MmdetDense.Anchored(text, head, config, single: true);
        head.Check(config.Validate);
        return config;
    }
}
