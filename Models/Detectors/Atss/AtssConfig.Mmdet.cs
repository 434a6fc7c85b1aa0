namespace DenseEngine.Models;

public sealed partial record AtssConfig : IMmdetModel {
    static string IMmdetModel.ModelType => "ATSS";

    static DetectorConfig IMmdetModel.FromMmdet(MmdetText text, MmdetClasses classes) {
        ConfigSection head = MmdetDense.Head(text, "ATSSHead", "ATSSGFLHead");
        return Read(text, head, classes, distributions: head.Type("ATSSHead", "ATSSGFLHead") == "ATSSGFLHead");
    }

    /// <summary>ATSS from a text whose head is of its kind.</summary>
    internal static AtssConfig Read(MmdetText text, ConfigSection head, MmdetClasses classes, bool distributions) {
        head.Only("reg_decoded_bbox", true);
        var defaults = new AtssConfig();
        AtssConfig config = MmdetDense.Read(text, head, classes, defaults) with {
            BoxCoder = MmdetHeads.Deltas(head.Section("bbox_coder")),
            RegMax = distributions ? head.Int("reg_max", 16) : null,
            PredKernelSize = head.Int("pred_kernel_size", 3),
            ClassLoss = MmdetHeads.Focal(head.Needed("loss_cls")),
            BoxLoss = MmdetHeads.BoxLoss(head.Needed("loss_bbox")),
            CenternessLoss = head.Section("loss_centerness") is { } loss ? MmdetHeads.CrossEntropy(loss) : defaults.CenternessLoss,
        };
        return MmdetDense.Anchored(text, head, config, single: false);
    }
}
