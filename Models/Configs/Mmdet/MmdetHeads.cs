using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>An anchor generator's settings.</summary>
/// <param name="Strides">Each level's stride.</param>
/// <param name="Ratios">Heights over widths.</param>
/// <param name="OctaveBaseScale">The first scale, in strides.</param>
/// <param name="ScalesPerOctave">Scales a level.</param>
/// <param name="Scales">Scales where they are several that were given one by one; else null.</param>
/// <param name="CenterOffset">The anchors' centres, in strides from their cells' corners.</param>
internal sealed record MmdetAnchors(IReadOnlyList<int> Strides, IReadOnlyList<float> Ratios, float OctaveBaseScale, int ScalesPerOctave,
    IReadOnlyList<float>? Scales, float CenterOffset);

/// <summary>Reads what mmdetection's heads share: losses, assigners, anchors. Defaults are mmdetection's.</summary>
internal static partial class MmdetHeads {
    /// <summary>Anchors, their scales given by octaves, or by themselves.</summary>
    public static MmdetAnchors Anchors(ConfigSection anchors) {
        anchors.Type("AnchorGenerator");
        anchors.Nothing("base_sizes");
        anchors.Only("scale_major", true);
        anchors.Nothing("centers");
        IReadOnlyList<float>? scales = anchors.Floats("scales");
        if (scales is []) throw anchors.Unsupported("scales");
        if (scales is not null) {
            anchors.Nothing("octave_base_scale");
            anchors.Nothing("scales_per_octave");
        }
        return new MmdetAnchors(
            anchors.Ints("strides") ?? throw anchors.Missing("strides"), anchors.Floats("ratios") ?? throw anchors.Missing("ratios"),
            scales?[0] ?? anchors.Float("octave_base_scale"), scales is null ? anchors.Int("scales_per_octave", least: 1, most: 64) : 1,
            scales is [_, _, ..] ? scales : null, anchors.Float("center_offset", 0));
    }

    /// <summary>Who assigns anchors.</summary>
    public static Assigner Assigner(ConfigSection assigner) {
        string type = assigner.Type("ATSSAssigner", "ATSSCostAssigner", "MaxIoUAssigner");
        assigner.Section("iou_calculator")?.Type("BboxOverlaps2D");
        float ignore = assigner.Float("ignore_iof_thr", -1);
        if (type != "MaxIoUAssigner") {
            if (type == "ATSSAssigner" && !assigner.Has("alpha")) assigner.Nothing("alpha");
            float? alpha = type == "ATSSCostAssigner" || assigner.Has("alpha") ? assigner.Float("alpha", 0.8f) : null;
            return new AtssAssigner(assigner.Int("topk", least: 1, most: 10_000), ignore, alpha);
        }
        assigner.Ignore("gpu_assign_thr");
        IReadOnlyList<float> negative = assigner.Value("neg_iou_thr") is PythonList ? assigner.Floats("neg_iou_thr")!
            : [0, assigner.Float("neg_iou_thr")];
        if (negative.Count != 2) throw assigner.Wrong("neg_iou_thr", "must be one number or two");
        return new MaxIouAssigner(assigner.Float("pos_iou_thr"), negative[1], negative[0], assigner.Float("min_pos_iou", 0),
            assigner.Bool("match_low_quality", true), assigner.Bool("gt_max_assign_all", true), ignore,
            assigner.Bool("ignore_wrt_candidates", true));
    }

    /// <summary>Boxes as differences from priors; mmdetection's defaults if null.</summary>
    public static DeltaXywhBoxCoder Deltas(ConfigSection? coder) {
        var defaults = new DeltaXywhBoxCoder(DeltaNumbers.All(0), DeltaNumbers.All(1));
        if (coder is null) return defaults;
        coder.Type("DeltaXYWHBBoxCoder");
        return new DeltaXywhBoxCoder(Four("target_means", defaults.Means), Four("target_stds", defaults.Stds),
            coder.Bool("clip_border", defaults.ClipBorder), coder.Bool("add_ctr_clamp", defaults.ClampCentre),
            coder.Float("ctr_clamp", defaults.CentreLimit, 0));

        DeltaNumbers Four(string key, DeltaNumbers fallback) => coder.Floats(key) switch {
            null => fallback,
            [var x, var y, var width, var height] => new(x, y, width, height),
            _ => throw coder.Wrong(key, "must be four numbers"),
        };
    }

    /// <summary>Boxes as edge distances from points.</summary>
    public static void DistancePoints(ConfigSection? coder) {
        coder?.Type("DistancePointBBoxCoder");
        coder?.Only("clip_border", true);
    }
}
