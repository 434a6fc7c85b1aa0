using System.Text.Json;
using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

internal static partial class UnitCases {
    public static Outputs MaxIou(FixtureCase c) {
        JsonElement config = c.Attribute("config");
        Known(config, "type", "pos_iou_thr", "neg_iou_thr", "min_pos_iou", "gt_max_assign_all", "ignore_iof_thr", "ignore_wrt_candidates",
            "match_low_quality");
        JsonElement negative = config.GetProperty("neg_iou_thr");
        bool range = negative.ValueKind == JsonValueKind.Array;
        return Assigned(c, new MaxIouAssigner(config.GetProperty("pos_iou_thr").GetSingle(),
            range ? negative[1].GetSingle() : negative.GetSingle(), range ? negative[0].GetSingle() : 0,
            Number(config, "min_pos_iou", 0), Flag(config, "match_low_quality", true), Flag(config, "gt_max_assign_all", true),
            Number(config, "ignore_iof_thr", -1), Flag(config, "ignore_wrt_candidates", true)));
    }

    public static Outputs Atss(FixtureCase c) {
        JsonElement config = c.Attribute("config");
        Known(config, "type", "topk", "ignore_iof_thr", "alpha");
        float? alpha = config.TryGetProperty("alpha", out JsonElement given) && given.ValueKind != JsonValueKind.Null ? given.GetSingle()
            : null;
        Predictions? predictions = c.Optional("cls_scores") is { } logits
            ? new Predictions(logits.ToArray(), Boxes(c.Leaf("bbox_preds"))) : null;
        return Assigned(c, new AtssAssigner(config.GetProperty("topk").GetInt32(), Number(config, "ignore_iof_thr", -1), alpha),
            predictions);
    }

    public static Outputs Deltas(FixtureCase c) {
        JsonElement config = c.Attribute("config");
        Known(config, "type", "target_means", "target_stds", "clip_border", "add_ctr_clamp", "ctr_clamp");
        float[] means = Floats(config, "target_means") ?? [0, 0, 0, 0], stds = Floats(config, "target_stds") ?? [1, 1, 1, 1];
        var coder = new DeltaXywhBoxCoder(new(means[0], means[1], means[2], means[3]), new(stds[0], stds[1], stds[2], stds[3]),
            Flag(config, "clip_border", true), Flag(config, "add_ctr_clamp", false), Number(config, "ctr_clamp", 32));
        Tensor boxes = c.Leaf("boxes"), deltas = c.Leaf("deltas");
        int[] shape = c.Ints("max_shape")!;
        (float, float) picture = (shape[0], shape[1]);
        float ratio = c.Given("wh_ratio_clip") ? c.Float("wh_ratio_clip") : 0.016f;
        Tensor decoded = coder.Decode(boxes, deltas, picture, ratio);
        if (c.Optional("gt") is not { } truths) return new(("decoded", decoded));
        Tensor differences = coder.Encode(boxes, truths);
        return new(("encoded", differences), ("decoded", decoded), ("decoded_noclip", coder.Decode(boxes, deltas, null, ratio)),
            ("decoded_ratio_clip", coder.Decode(boxes, deltas, picture, c.Float("second_wh_ratio_clip"))),
            ("roundtrip", coder.Decode(boxes, differences, null, ratio)));
    }

    public static Outputs MulticlassNms(FixtureCase c) {
        Known(c.Attributes, "score_thr", "nms_cfg", "max_num");
        JsonElement config = c.Attribute("nms_cfg");
        Known(config, "type", "iou_threshold", "class_agnostic", "split_thr", "method", "sigma", "min_score");
        bool soft = config.GetProperty("type").GetString() == "soft_nms";
        var test = new TestConfig(c.Float("score_thr"), 0, config.GetProperty("iou_threshold").GetSingle(), c.Int("max_num")) {
            ClassAgnostic = Flag(config, "class_agnostic", false),
            Soft = soft ? Rule(config) : null,
        };
        (Detections found, int[] places) = Models.MulticlassNms.Select(c.Leaf("boxes"), c.Leaf("scores"), test, c.Optional("score_factors"),
            (int)Number(config, "split_thr", 10_000));
        float[] rows = [.. found.SelectMany(one => new[] { one.Box.X1, one.Box.Y1, one.Box.X2, one.Box.Y2, one.Score })];
        return new(("dets", Tensor.From(rows, [places.Length, 5])), ("labels", OfInts([.. found.Select(one => one.Label)])),
            ("inds", OfInts(places)));
    }

    public static Outputs RoiLevels(FixtureCase c) {
        float[] rois = c.Leaf("rois").ToArray();
        Box[] boxes = [.. rois.Chunk(5).Select(roi => new Box(roi[1], roi[2], roi[3], roi[4]))];
        int[] levels = RoiExtractor.Levels(boxes, c.Float("finest_scale"), c.Int("num_levels"));
        return new(("levels", Tensor.From(levels, [levels.Length])));
    }

    private static Outputs Assigned(FixtureCase c, Assigner assigner, Predictions? predictions = null) {
        var truth = new GroundTruth(Boxes(c.Leaf("gt_bboxes")), c.Leaf("gt_labels").ToIntArray(),
            c.Optional("gt_bboxes_ignore") is { } ignored ? Boxes(ignored) : []);
        Box[] boxes = Boxes(c.Leaf("boxes"));
        Assignment assignment = assigner.Assign(boxes, c.Optional("num_level_bboxes")?.ToIntArray() ?? [boxes.Length], truth, predictions);
        int[] labels = Array.ConvertAll(assignment.Truths, k => k > 0 ? truth.Labels[k - 1] : -1);
        return new(("gt_inds", OfInts(assignment.Truths)), ("max_overlaps", Tensor.From(assignment.Overlaps, [labels.Length])),
            ("labels", OfInts(labels)));
    }

    private static void Known(JsonElement config, params string[] names) =>
        Assert.Subset(names.ToHashSet(), config.EnumerateObject().Select(entry => entry.Name).ToHashSet());

    private static float Number(JsonElement config, string name, float fallback) =>
        config.TryGetProperty(name, out JsonElement value) ? value.GetSingle() : fallback;

    private static bool Flag(JsonElement config, string name, bool fallback) =>
        config.TryGetProperty(name, out JsonElement value) ? value.GetBoolean() : fallback;
}
