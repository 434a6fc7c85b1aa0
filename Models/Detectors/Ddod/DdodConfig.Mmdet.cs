namespace DenseEngine.Models;

public sealed partial record DdodConfig : IMmdetModel {
    static string IMmdetModel.ModelType => "DDOD";

    /// <summary>The official repository trains it as an ATSS.</summary>
    static IReadOnlyList<string> IMmdetModel.HeadTypes => ["DDODHead"];

    static DetectorConfig IMmdetModel.FromMmdet(MmdetText text, MmdetClasses classes) {
        ConfigSection head = MmdetDense.Head(text, "DDODHead");
        head.Only("reg_decoded_bbox", true);
        var defaults = new DdodConfig();
        // The official repository, which names its assigner otherwise, counts the branches' positives apart.
        bool official = text.TrainConfig?.TypeOf("assigner") == "ATSSCostAssigner";
        DdodConfig config = MmdetDense.Read(text, head, classes, defaults) with {
            FirstConv = head.Bool("use_dcn", true) ? new DcnConfig() : null,
            LevelBalance = new LevelBalance(official),
            BoxCoder = MmdetHeads.Deltas(head.Section("bbox_coder")),
            ClassLoss = MmdetHeads.Focal(head.Needed("loss_cls")),
            BoxLoss = MmdetHeads.BoxLoss(head.Needed("loss_bbox")),
            IouLoss = head.Section("loss_iou") is { } loss ? MmdetHeads.CrossEntropy(loss) : defaults.IouLoss,
        };
        return MmdetDense.Anchored(text, head, config, single: false);
    }
}
