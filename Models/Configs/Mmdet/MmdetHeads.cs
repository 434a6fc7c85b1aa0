namespace DenseEngine.Models;

/// <summary>An anchor generator's settings.</summary>
/// <param name="Strides">Each level's stride.</param>
/// <param name="Ratios">Heights over widths.</param>
/// <param name="OctaveBaseScale">The first scale, in strides.</param>
/// <param name="ScalesPerOctave">Scales a level.</param>
internal sealed record MmdetAnchors(IReadOnlyList<int> Strides, IReadOnlyList<float> Ratios, int OctaveBaseScale, int ScalesPerOctave);

/// <summary>Reads what mmdetection's heads share: losses, assigners, anchors. Defaults are mmdetection's.</summary>
internal static class MmdetHeads {
    /// <summary>Anchors, their scales given by octaves, or one by itself.</summary>
    public static MmdetAnchors Anchors(ConfigSection anchors) {
        anchors.Type("AnchorGenerator");
        anchors.Nothing("base_sizes");
        anchors.Only("scale_major", true);
        anchors.Nothing("centers");
        anchors.Only("center_offset", 0.0);
        IReadOnlyList<float>? scales = anchors.Floats("scales");
        bool single = scales is [> 0 and < 1 << 20] && scales[0] == (int)scales[0];
        if (scales is not null && !single) throw anchors.Unsupported("scales");
        if (single) {
            anchors.Nothing("octave_base_scale");
            anchors.Nothing("scales_per_octave");
        }
        return new MmdetAnchors(
            anchors.Ints("strides") ?? throw anchors.Missing("strides"), anchors.Floats("ratios") ?? throw anchors.Missing("ratios"),
            single ? (int)scales![0] : anchors.Int("octave_base_scale", least: 1, most: 1 << 20),
            single ? 1 : anchors.Int("scales_per_octave", least: 1, most: 64));
    }

    /// <summary>A loss on boxes.</summary>
    public static BoxLoss BoxLoss(ConfigSection loss) {
        string type = loss.Type("IoULoss", "GIoULoss", "DIoULoss", "CIoULoss");
        loss.Only("reduction", "mean");
        float weight = loss.Float("loss_weight", 1), eps = loss.Float("eps", 1e-6f, 0);
        return type switch {
            "IoULoss" => new IouLoss(weight, eps, Mode(loss)),
            "GIoULoss" => new GiouLoss(weight, eps),
            "DIoULoss" => new DiouLoss(weight, eps),
            _ => new CiouLoss(weight, eps),
        };
    }

    /// <summary>Quality focal loss on logits.</summary>
    public static QualityFocalLoss QualityFocal(ConfigSection loss) {
        loss.Type("QualityFocalLoss");
        loss.Only("use_sigmoid", true);
        loss.Only("activated", false);
        loss.Only("reduction", "mean");
        return new QualityFocalLoss(loss.Float("beta", 2), loss.Float("loss_weight", 1));
    }

    /// <summary>Distribution focal loss.</summary>
    public static DistributionFocalLoss DistributionFocal(ConfigSection loss) {
        loss.Type("DistributionFocalLoss");
        loss.Only("reduction", "mean");
        return new DistributionFocalLoss(loss.Float("loss_weight", 1));
    }

    /// <summary>Who assigns anchors.</summary>
    public static Assigner Assigner(ConfigSection assigner) => assigner.Type("ATSSAssigner") switch {
        _ => Atss(assigner),
    };

    /// <summary>ATSS without costs.</summary>
    private static AtssAssigner Atss(ConfigSection assigner) {
        assigner.Nothing("alpha");
        assigner.Section("iou_calculator")?.Type("BboxOverlaps2D");
        return new AtssAssigner(assigner.Int("topk", least: 1, most: 10_000), assigner.Float("ignore_iof_thr", -1));
    }

    /// <summary>Boxes as edge distances from points.</summary>
    public static void DistancePoints(ConfigSection? coder) {
        coder?.Type("DistancePointBBoxCoder");
        coder?.Only("clip_border", true);
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
