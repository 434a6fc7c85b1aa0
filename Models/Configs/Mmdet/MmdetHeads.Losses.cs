namespace DenseEngine.Models;

internal static partial class MmdetHeads {
    private static readonly string[] Overlaps = ["IoULoss", "GIoULoss", "DIoULoss", "CIoULoss"],
        Differences = ["L1Loss", "SmoothL1Loss", "MSELoss", "BalancedL1Loss"];

    /// <summary>A loss on boxes.</summary>
    public static BoxLoss BoxLoss(ConfigSection loss) => OfOverlaps(loss, loss.Type(Overlaps));

    /// <summary>A loss on boxes or on a coder's deltas.</summary>
    public static RegressionLoss Regression(ConfigSection loss) {
        string type = loss.Type([.. Overlaps, "BoundedIoULoss", .. Differences]);
        if (type == "BoundedIoULoss")
            return new BoundedIouLoss(loss.Float("beta", 0.2f, float.Epsilon), loss.Float("eps", 1e-3f, 0), Weight(loss));
        if (!Differences.Contains(type)) return OfOverlaps(loss, type);
        float weight = Weight(loss);
        return type switch {
            "L1Loss" => new L1Loss(weight),
            "MSELoss" => new MseLoss(weight),
            "BalancedL1Loss" => new BalancedL1Loss(loss.Float("alpha", 0.5f, float.Epsilon), loss.Float("gamma", 1.5f, float.Epsilon),
                loss.Float("beta", 1, float.Epsilon), weight),
            _ => new SmoothL1Loss(loss.Float("beta", 1, float.Epsilon), weight),
        };
    }

    /// <summary>Quality focal loss, on logits; or on what is a probability already, which GFL v2 says by <c>use_sigmoid=False</c>,
    /// mmdetection by <c>activated=True</c>.</summary>
    public static QualityFocalLoss QualityFocal(ConfigSection loss, bool probabilities = false) {
        loss.Type("QualityFocalLoss");
        bool activated = loss.Bool("activated", false), sigmoid = loss.Bool("use_sigmoid", true);
        if ((activated || !sigmoid) != probabilities) throw loss.Unsupported(activated ? "activated" : "use_sigmoid");
        return new QualityFocalLoss(loss.Float("beta", 2, 1), Weight(loss), probabilities);
    }

    /// <summary>Distribution focal loss.</summary>
    public static DistributionFocalLoss DistributionFocal(ConfigSection loss) {
        loss.Type("DistributionFocalLoss");
        return new DistributionFocalLoss(Weight(loss));
    }

    /// <summary>Focal loss on logits.</summary>
    public static FocalLoss Focal(ConfigSection loss) {
        loss.Type("FocalLoss");
        loss.Only("use_sigmoid", true);
        loss.Only("activated", false);
        return new FocalLoss(loss.Float("gamma", 2, 0), loss.Float("alpha", 0.25f), Weight(loss));
    }

    /// <summary>The focal loss of heat maps.</summary>
    public static GaussianFocalLoss GaussianFocal(ConfigSection loss) {
        loss.Type("GaussianFocalLoss");
        return new GaussianFocalLoss(loss.Float("alpha", 2, 0), loss.Float("gamma", 4, 0), Weight(loss));
    }

    /// <summary>The loss on embeddings of corners.</summary>
    public static AssociativeEmbeddingLoss Embedding(ConfigSection loss) {
        loss.Type("AssociativeEmbeddingLoss");
        return new AssociativeEmbeddingLoss(loss.Float("pull_weight", 0.25f), loss.Float("push_weight", 0.25f));
    }

    /// <summary>Varifocal loss.</summary>
    public static VarifocalLoss Varifocal(ConfigSection loss) {
        loss.Type("VarifocalLoss");
        loss.Only("use_sigmoid", true);
        return new VarifocalLoss(loss.Float("alpha", 0.75f, 0), loss.Float("gamma", 2, 0), loss.Bool("iou_weighted", true), Weight(loss));
    }

    /// <summary>Cross entropy.</summary>
    public static CrossEntropyLoss CrossEntropy(ConfigSection loss) {
        loss.Type("CrossEntropyLoss");
        bool sigmoid = loss.Bool("use_sigmoid", false);
        loss.Only("use_mask", false);
        loss.Only("avg_non_ignore", false);
        if (sigmoid) loss.Nothing("class_weight");
        int ignored = loss.Has("ignore_index") ? loss.Int("ignore_index", most: sigmoid ? -1 : int.MaxValue) : -100;
        loss.Ignore("ignore_index");
        return new CrossEntropyLoss(sigmoid, Weight(loss), loss.Floats("class_weight"), ignored);
    }

    /// <summary>The distance from a teacher's distribution.</summary>
    public static KnowledgeDistillationLoss KnowledgeDistillation(ConfigSection loss) {
        loss.Type("KnowledgeDistillationKLDivLoss");
        return new KnowledgeDistillationLoss(loss.Float("T", 10, 1), Weight(loss));
    }

    private static float Weight(ConfigSection loss) {
        loss.Only("reduction", "mean");
        return loss.Float("loss_weight", 1);
    }

    private static BoxLoss OfOverlaps(ConfigSection loss, string type) {
        float weight = Weight(loss), eps = loss.Float("eps", 1e-6f, 0);
        return type switch {
            "IoULoss" => new IouLoss(weight, eps, Mode(loss)),
            "GIoULoss" => new GiouLoss(weight, eps),
            "DIoULoss" => new DiouLoss(weight, eps),
            _ => new CiouLoss(weight, eps),
        };
    }

    private static IouLossMode Mode(ConfigSection loss) {
        bool linear = loss.Bool("linear", false);
        return loss.Text("mode", "log") switch {
            "log" => linear ? IouLossMode.Linear : IouLossMode.Log,
            "linear" => IouLossMode.Linear,
            "square" when !linear => IouLossMode.Square,
            _ => throw loss.Unsupported("mode"),
        };
    }
}
