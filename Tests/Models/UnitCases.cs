using System.Runtime.InteropServices;
using System.Text.Json;
using DenseEngine.Models;
using DenseEngine.Ops;

namespace DenseEngine.Tests;

/// <summary>Calls our pieces as the unit fixtures' cases say.</summary>
internal static partial class UnitCases {
    public static Outputs Anchors(FixtureCase c) {
        JsonElement config = c.Attribute("config");
        float[] scales = config.TryGetProperty("octave_base_scale", out JsonElement octave)
            ? AnchorGenerator.OctaveScales(octave.GetInt32(), config.GetProperty("scales_per_octave").GetInt32())
                : Floats(config, "scales")!;
        (float, float)[]? centers = config.TryGetProperty("centers", out JsonElement list)
            ? [.. list.EnumerateArray().Select(center => (center[0].GetSingle(), center[1].GetSingle()))] : null;
        var generator = new AnchorGenerator(Strides(config), Floats(config, "ratios")!, scales,
            !config.TryGetProperty("scale_major", out JsonElement major) || major.GetBoolean(),
            config.TryGetProperty("center_offset", out JsonElement offset) ? offset.GetSingle() : 0, Floats(config, "base_sizes"), centers,
                config.GetProperty("type").GetString() == "LegacyAnchorGenerator");
        int[] shape = c.Ints("img_shape")!, padded = c.Ints("pad_shape")!;
        var image = new ImageInfo(shape[1], shape[0], padded[1], padded[0]);
        (int Height, int Width)[] sizes = Sizes(c);
        var named = new List<(string, Tensor)>();
        for (int level = 0; level < sizes.Length; level++) {
            named.Add(($"base.{level}", OfBoxes(generator.BaseAnchors(level))));
            named.Add(($"priors.{level}", OfBoxes(generator.Anchors(level, sizes[level].Height, sizes[level].Width))));
            named.Add(($"valid.{level}", OfFlags(generator.Inside(level, sizes[level].Height, sizes[level].Width, image))));
        }
        foreach ((string name, float border) in (ReadOnlySpan<(string, float)>)[("border0", 0), ("border4", 4), ("minus1", -1)])
            named.Add(($"inside_{name}",
                OfFlags([.. sizes.SelectMany((size, level) => generator.Inside(level, size.Height, size.Width, image, border))])));
        return new([.. named]);
    }

    /// <summary>Points are anchors without size.</summary>
    public static Outputs Points(FixtureCase c) {
        JsonElement config = c.Attribute("config");
        float offset = config.GetProperty("offset").GetSingle();
        Pair[] strides = Strides(config);
        var generator = new AnchorGenerator(strides, [1], [0],
            centers: [.. strides.Select(stride => (offset * stride.Horizontal, offset * stride.Vertical))]);
        int[] padded = c.Ints("pad_shape")!;
        var named = new List<(string, Tensor)>();
        foreach ((int level, (int height, int width)) in Sizes(c).Index()) {
            float[] points = new float[2 * height * width];
            generator.Centres(level, height, width, points);
            Tensor all = Tensor.From(points, [height * width, 2]);
            named.Add(($"points.{level}", all));
            named.Add(($"with_stride.{level}", Op.Concat([all, Tensor.Full([height * width, 1], strides[level].Horizontal),
                Tensor.Full([height * width, 1], strides[level].Vertical)], 1)));
            named.Add(($"valid.{level}", OfFlags(generator.Inside(level, height, width, new ImageInfo(0, 0, padded[1], padded[0])))));
        }
        return new([.. named]);
    }

    public static Outputs Encode(FixtureCase c) {
        float[] points = c.Leaf("points").ToArray();
        Box[] boxes = Boxes(c.Leaf("boxes"));
        return new(("distance", All(null)), ("distance_clamped", All(c.Float("max_dis"))));
        Tensor All(float? limit) => Tensor.From([.. boxes.SelectMany((box, i) => {
            (float left, float top, float right, float bottom) =
                DistancePointBoxCoder.Encode(points[2 * i], points[2 * i + 1], box, limit, c.Float("eps"));
            return new[] { left, top, right, bottom };
        })], [boxes.Length, 4]);
    }

    public static Outputs Decode(FixtureCase c) {
        Tensor boxes = DistancePointBoxCoder.Decode(c.Leaf("points"), c.Leaf("distance"));
        int[] limit = c.Ints("max_shape")!;
        return new(("boxes", boxes), ("boxes_clipped", DistancePointBoxCoder.Clip(boxes, limit[0], limit[1])));
    }

    public static Outputs Overlaps(FixtureCase c) {
        Box[] a = Boxes(c.Leaf("a")), b = Boxes(c.Leaf("b"));
        bool aligned = c.Bool("is_aligned");
        Box[] left = aligned ? a : [.. a.SelectMany(each => Enumerable.Repeat(each, b.Length))],
            right = aligned ? b : [.. Enumerable.Repeat(b, a.Length).SelectMany(each => each)];
        Tensor values =
            c.Text("mode") == "iof" ? Tensor.From([.. left.Select((box, i) => box.Iof(right[i], c.Float("eps")))], [left.Length])
            : Op.AlignedIou(OfBoxes(left), OfBoxes(right), Enum.Parse<IouKind>(c.Text("mode"), ignoreCase: true), c.Float("eps"));
        return new(("overlaps", aligned ? values : Op.Reshape(values, a.Length, b.Length)));
    }

    public static Outputs Nms(FixtureCase c) =>
        Kept(c, Op.Nms(c.Leaf("boxes"), c.Leaf("scores"), c.Float("iou_threshold"), c.Float("offset")).ToIntArray());

    public static Outputs BatchedNms(FixtureCase c) {
        if (!c.Given("nms_cfg"))
            return Kept(c, Op.BatchedNms(c.Leaf("boxes"), c.Leaf("scores"), c.Leaf("idxs"), float.PositiveInfinity).ToIntArray());
        JsonElement config = c.Attribute("nms_cfg");
        bool agnostic =
            config.TryGetProperty("class_agnostic", out JsonElement inConfig) ? inConfig.GetBoolean() : c.Bool("class_agnostic");
        int split = config.TryGetProperty("split_thr", out JsonElement threshold) ? threshold.GetInt32() : 10_000;
        if (config.GetProperty("type").GetString() == "soft_nms") {
            return Lowered(c, "keep", Op.BatchedSoftNms(c.Leaf("boxes"), c.Leaf("scores"), c.Leaf("idxs"),
                config.GetProperty("iou_threshold").GetSingle(), Rule(config), agnostic, split));
        }
        int[] kept = Op.BatchedNms(c.Leaf("boxes"), c.Leaf("scores"), c.Leaf("idxs"), config.GetProperty("iou_threshold").GetSingle(),
            agnostic, split).ToIntArray();
        // mmcv's score threshold leaves boxes out beforehand, its limit cuts the end; both are the caller's with us.
        float[] scores = c.Leaf("scores").ToArray();
        if (config.TryGetProperty("score_threshold", out JsonElement score))
            kept = [.. kept.Where(i => scores[i] > score.GetSingle())];
        if (config.TryGetProperty("max_num", out JsonElement most)) kept = [.. kept.Take(most.GetInt32())];
        return Kept(c, kept);
    }

    public static Outputs SoftNms(FixtureCase c) => Lowered(c, "inds", Op.SoftNms(c.Leaf("boxes"), c.Leaf("scores"),
        c.Float("iou_threshold"), Rule(c.Attributes), c.Given("offset") ? c.Float("offset") : 0));

    private static Pair[] Strides(JsonElement config) => [.. config.GetProperty("strides").EnumerateArray().Select(stride =>
        stride.ValueKind == JsonValueKind.Array ? new Pair(stride[1].GetInt32(), stride[0].GetInt32()) : stride.GetInt32())];

    private static (int Height, int Width)[] Sizes(FixtureCase c) =>
        [.. c.Attribute("featmap_sizes").EnumerateArray().Select(size => (size[0].GetInt32(), size[1].GetInt32()))];

    private static SoftNms Rule(JsonElement config) => new(
        config.TryGetProperty("method", out JsonElement method) ? Enum.Parse<SoftNmsMethod>(method.GetString()!, ignoreCase: true)
            : SoftNmsMethod.Linear,
        config.TryGetProperty("sigma", out JsonElement sigma) ? sigma.GetSingle() : 0.5f,
        config.TryGetProperty("min_score", out JsonElement least) ? least.GetSingle() : 1e-3f);

    private static Outputs Lowered(FixtureCase c, string indices, (Tensor Kept, Tensor Scores) result) {
        float[] boxes = c.Leaf("boxes").ToArray(), scores = result.Scores.ToArray();
        float[] rows = [.. result.Kept.ToIntArray().SelectMany((i, k) => new[] { boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2],
            boxes[4 * i + 3], scores[k] })];
        return new((indices, result.Kept), ("dets", Tensor.From(rows, [scores.Length, 5])));
    }

    private static Outputs Kept(FixtureCase c, int[] kept) {
        float[] boxes = c.Leaf("boxes").ToArray(), scores = c.Leaf("scores").ToArray();
        float[] rows = [.. kept.SelectMany(i => new[] { boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3], scores[i] })];
        return new(("keep", OfInts(kept)), ("dets", Tensor.From(rows, [kept.Length, 5])));
    }

    private static float[]? Floats(JsonElement config, string name) =>
        config.TryGetProperty(name, out JsonElement list) ? [.. list.EnumerateArray().Select(value => value.GetSingle())] : null;

    public static Box[] Boxes(Tensor tensor) => MemoryMarshal.Cast<float, Box>(tensor.ToArray()).ToArray();

    private static Tensor OfBoxes(ReadOnlySpan<Box> boxes) => Tensor.From(MemoryMarshal.Cast<Box, float>(boxes), [boxes.Length, 4]);

    private static Tensor OfFlags(bool[] flags) => OfInts(Array.ConvertAll(flags, flag => flag ? 1 : 0));

    private static Tensor OfInts(int[] values) => Tensor.From(values, [values.Length]);
}
