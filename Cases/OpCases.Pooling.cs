using DenseEngine.Ops;
using static DenseEngine.Cases.Draws;

namespace DenseEngine.Cases;

internal static partial class OpCases {
    private static OpRow[] Pooling => [
        new(nameof(Op.MaxPool2d)) {
            Timed = new("timed", t => Op.MaxPool2d(t[0], 3, 2, 1), Normal(1, 200, 336, 64)),
            Fixture = "max_pool2d",
            Run = c => FixtureCase.Nchw(Op.MaxPool2d(c.Nhwc("input"), Two(c, "kernel_size"), Two(c, "stride"), Two(c, "padding"),
                Two(c, "dilation"), c.Bool("ceil_mode"))),
            Samples = [
                new("stem", t => Op.MaxPool2d(t[0], 3, 2, 1), Distinct(2, 13, 9, 21)),
                new("pyramid", t => Op.MaxPool2d(t[0], 1, 2), Distinct(1, 9, 6, 40)),
                new("overlapping_ceil", t => Op.MaxPool2d(t[0], (5, 3), (2, 2), (2, 1), ceilMode: true), Distinct(1, 12, 8, 16)),
                new("dilated", t => Op.MaxPool2d(t[0], (3, 2), 1, (1, 0), (2, 3)), Distinct(1, 9, 8, 3)),
                new("one_image_many_channels", t => Op.MaxPool2d(t[0], 2), Distinct(1, 7, 7, 150)),
                new("empty", t => Op.MaxPool2d(t[0], 2), Distinct(0, 4, 4, 8)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.MaxPool2d(Tensor.Zeros([2, 3, 4]), 2), "MaxPool2d: input needs rank 4"),
                (() => Op.MaxPool2d(Tensor.Zeros([1, 2, 4, 1]), 3),
                    "input [1, 2, 4, 1] with padding (0, 0) is smaller than the window (3, 3)"),
                (() => Op.MaxPool2d(Tensor.Zeros([1, 4, 4, 1]), 2, 1, 2), "padding is (2, 2)"),
                (() => Op.MaxPool2d(Tensor.Zeros([1, 4, 4, 1]), 0), "the window is (0, 0)"),
                (() => Op.MaxPool2d(Tensor.Zeros([1, 4, 4, 1]), 2, 0), "stride is (0, 0)"),
                (() => Op.MaxPool2d(Tensor.Zeros([1, 4, 4, 1]), 2, dilation: 0), "dilation is (0, 0)"),
            ],
        },
        new(nameof(Op.LocalMaxima)) {
            Timed = new("timed", t => Op.LocalMaxima(t[0]), Uniform(0, 1, 1, 128, 128, 80)),
            NoGradient = "it selects detections",
            Samples = [
                new("three", t => Op.LocalMaxima(t[0]), Distinct(2, 9, 11, 5)) { Differentiable = false },
                new("five", t => Op.LocalMaxima(t[0], 5), Distinct(1, 12, 7, 16)) { Differentiable = false },
                new("ties", t => Op.LocalMaxima(t[0]), Whole(3, 2, 8, 9, 4)) { Differentiable = false },
                new("itself", t => Op.LocalMaxima(t[0], 1), Distinct(1, 3, 4, 3)) { Differentiable = false },
                new("empty", t => Op.LocalMaxima(t[0]), Distinct(0, 4, 4, 8)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.LocalMaxima(Tensor.Zeros([1, 4, 4, 1]), 2), "the window's size is 2; an odd one is needed"),
                (() => Op.LocalMaxima(Tensor.Zeros([4, 4, 1])), "needs rank 4"),
            ],
        },
        new(nameof(Op.AvgPool2d)) {
            Timed = new("timed", t => Op.AvgPool2d(t[0], 2), Normal(1, 100, 168, 256)),
            Fixture = "avg_pool2d",
            Run = c => FixtureCase.Nchw(Op.AvgPool2d(c.Nhwc("input"), Two(c, "kernel_size"), Two(c, "stride"), Two(c, "padding"),
                c.Bool("ceil_mode"),
                c.Bool("count_include_pad"), c.Given("divisor_override") ? c.Int("divisor_override") : null)),
            Samples = [
                new("padded", t => Op.AvgPool2d(t[0], 3, 2, 1), Normal(2, 13, 9, 21)),
                new("shortcut", t => Op.AvgPool2d(t[0], 2, 2, 0, ceilMode: true, countIncludePad: false), Normal(1, 9, 7, 32)),
                new("divisor", t => Op.AvgPool2d(t[0], (3, 5), (1, 2), (1, 2), divisor: 7), Normal(1, 6, 8, 5)),
                new("empty", t => Op.AvgPool2d(t[0], 2), Normal(0, 4, 4, 8)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.AvgPool2d(Tensor.Zeros([1, 4, 4, 1]), 2, divisor: 0), "AvgPool2d: the divisor is 0"),
                (() => Op.AvgPool2d(Tensor.Zeros([1, 2, 4, 1]), 3), "AvgPool2d: input [1, 2, 4, 1] with padding (0, 0) is smaller"),
            ],
        },
        new(nameof(Op.AdaptiveMaxPool2d)) {
            Timed = new("timed", t => Op.AdaptiveMaxPool2d(t[0], 7), Normal(1, 100, 168, 256)),
            Fixture = "adaptive_max_pool2d",
            Run = c => FixtureCase.Nchw(Op.AdaptiveMaxPool2d(c.Nhwc("input"), Two(c, "output_size"))),
            Samples = [
                new("uneven", t => Op.AdaptiveMaxPool2d(t[0], (4, 3)), Distinct(2, 11, 8, 19)),
                new("half", t => Op.AdaptiveMaxPool2d(t[0], (7, 5)), Distinct(1, 13, 10, 16)),
                new("larger", t => Op.AdaptiveMaxPool2d(t[0], (9, 11)), Distinct(1, 4, 5, 16)),
                new("whole", t => Op.AdaptiveMaxPool2d(t[0], 1), Distinct(1, 7, 6, 80)),
            ],
            Errors = [
                (() => Op.AdaptiveMaxPool2d(Tensor.Zeros([1, 4, 4, 1]), 0), "AdaptiveMaxPool2d: the output size is (0, 0)"),
                (() => Op.AdaptiveMaxPool2d(Tensor.Zeros([1, 0, 4, 1]), 1), "input [1, 0, 4, 1] has no pixels"),
            ],
        },
        new(nameof(Op.AdaptiveAvgPool2d)) {
            Timed = new("timed", t => Op.AdaptiveAvgPool2d(t[0], 7), Normal(1, 100, 168, 256)),
            Fixture = "adaptive_avg_pool2d",
            Run = c => FixtureCase.Nchw(Op.AdaptiveAvgPool2d(c.Nhwc("input"), Two(c, "output_size"))),
            Samples = [
                new("uneven", t => Op.AdaptiveAvgPool2d(t[0], (4, 3)), Normal(2, 11, 8, 19)),
                new("larger", t => Op.AdaptiveAvgPool2d(t[0], (9, 11)), Normal(1, 4, 5, 16)),
                new("whole", t => Op.AdaptiveAvgPool2d(t[0], 1), Normal(1, 21, 30, 150)),
            ],
            Errors = [(() => Op.AdaptiveAvgPool2d(Tensor.Zeros([1, 4, 4, 1]), (1, -1)), "AdaptiveAvgPool2d: the output size is (1, -1)")],
        },
        new(nameof(Op.RoiAlign)) {
            Timed = new("timed", t => Op.RoiAlign(t[0], Rois(t[0], 1, 50, 84, 512), 7, 1, 2), Normal(1, 50, 84, 256)),
            Fixture = "roi_align",
            Run = c => FixtureCase.Nchw(Op.RoiAlign(c.Nhwc("input"), c.Leaf("boxes"), Two(c, "output_size"), c.Float("spatial_scale"),
                c.Int("sampling_ratio"), c.Bool("aligned"))),
            Samples = [
                new("even", t => Op.RoiAlign(t[0], Rois(t[0], 2, 9, 11, 17), (3, 2), 0.5f, 2), Normal(2, 9, 11, 19)) { Step = 0.1 },
                new("adaptive", t => Op.RoiAlign(t[0], Rois(t[0], 3, 21, 17, 40), (2, 3), 0.25f), Normal(3, 21, 17, 80)) { Step = 0.1 },
                new("not_aligned", t => Op.RoiAlign(t[0], Rois(t[0], 1, 6, 40, 300), 7, 1, 1, aligned: false), Normal(1, 6, 40, 3))
                    { Step = 0.1 },
                new("pixel", t => Op.RoiAlign(t[0], Rois(t[0], 1, 1, 1, 5), 2, 1, 3), Normal(1, 1, 1, 64)) { Step = 0.1 },
                new("bands", t => Op.RoiAlign(t[0], Rois(t[0], 2, 33, 60, 20), 4, 1, 2), Normal(2, 33, 60, 256)) { Step = 0.1 },
                new("levels", t => Op.RoiAlign([t[0], t[1], t[2]], [1, 0.5f, 0.25f], Rois(t[0], 2, 12, 16, 30),
                    Tensor.From([.. Enumerable.Range(0, 30).Select(i => i * 7 % 5 - 1)], [30], t[0].Device), (2, 3)),
                    Normal(2, 12, 16, 8), Normal(2, 6, 8, 8), Normal(2, 3, 4, 8)) { Step = 0.1 },
                new("no_boxes", t => Op.RoiAlign(t[0], Rois(t[0], 1, 4, 4, 0), 2), Normal(1, 4, 4, 8)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.RoiAlign(Tensor.Zeros([4, 4, 1]), Tensor.Zeros([1, 5]), 2), "RoiAlign: input needs rank 4"),
                (() => Op.RoiAlign(Tensor.Zeros([1, 0, 4, 1]), Tensor.Zeros([1, 5]), 2), "input [1, 0, 4, 1] has no pixels"),
                (() => Op.RoiAlign(Tensor.Zeros([1, 4, 4, 1]), Tensor.Zeros([1, 4]), 2), "boxes have shape [1, 4]; [R, 5] is needed"),
                (() => Op.RoiAlign([], [], Tensor.Zeros([1, 5]), null, 2), "there are 0 maps and 0 scales"),
                (() => Op.RoiAlign([Tensor.Zeros([1, 4, 4, 1]), Tensor.Zeros([1, 2, 2, 2])], [1, 1], Tensor.Zeros([1, 5]), null, 2),
                    "map 1 has shape [1, 2, 2, 2]; pictures and channels must be those of map 0, [1, 4, 4, 1]"),
                (() => Op.RoiAlign([Tensor.Zeros([1, 4, 4, 1])], [1], Tensor.Zeros([1, 5]), Tensor.From([0, 0], [2]), 2),
                    "levels needs shape [1] but has [2]"),
                (() => Op.RoiAlign(Tensor.Zeros([1, 4, 4, 1]), Tensor.Zeros([1, 5]), 0), "the output size is (0, 0)"),
                (() => Op.RoiAlign(Tensor.Zeros([1, 4, 4, 1]), Tensor.Zeros([1, 5]), 2, 0), "the spatial scale is 0"),
                (() => Op.RoiAlign(Tensor.Zeros([1, 4, 4, 1]), Tensor.From([0f, 0, 0, 1, 1, 1, 0, 0, 2, 2], [2, 5]), 2),
                    "RoiAlign: box 1 is of picture 1; input [1, 4, 4, 1] has 1"),
            ],
        },
        new(nameof(Op.CornerPool)) {
            Timed = new("timed", t => Op.CornerPool(t[0], CornerSide.Top), Normal(1, 128, 128, 256)),
            Fixture = "corner_pool_top",
            MoreFixtures = ["corner_pool_bottom", "corner_pool_left", "corner_pool_right"],
            Run = c => FixtureCase.Nchw(Op.CornerPool(c.Nhwc("input"), Side(c))),
            Samples = [
                new("top", t => Op.CornerPool(t[0], CornerSide.Top), Distinct(2, 37, 3, 7)),
                new("bottom", t => Op.CornerPool(t[0], CornerSide.Bottom), Distinct(1, 65, 5, 12)),
                new("left", t => Op.CornerPool(t[0], CornerSide.Left), Distinct(2, 6, 40, 20)),
                new("right", t => Op.CornerPool(t[0], CornerSide.Right), Distinct(1, 5, 33, 3)),
                new("passes", t => Op.CornerPool(t[0], CornerSide.Left), Distinct(1, 2, 300, 8)),
                new("passes_odd", t => Op.CornerPool(t[0], CornerSide.Top), Distinct(1, 290, 1, 6)),
                new("short", t => Op.CornerPool(t[0], CornerSide.Right), Distinct(3, 4, 3, 24)),
                new("strips", t => Op.CornerPool(t[0], CornerSide.Top), Distinct(1, 3, 70, 61)),
                new("empty", t => Op.CornerPool(t[0], CornerSide.Left), Distinct(1, 4, 0, 8)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.CornerPool(Tensor.Zeros([2, 3, 4]), CornerSide.Top), "CornerPool: input needs rank 4"),
            ],
        },
    ];

    /// <summary>The side that a case of corner pooling names.</summary>
    internal static CornerSide Side(FixtureCase c) => c.Text("mode") switch {
        "top" => CornerSide.Top,
        "bottom" => CornerSide.Bottom,
        "left" => CornerSide.Left,
        "right" => CornerSide.Right,
        string other => throw new NotSupportedException(other),
    };

    /// <summary>Boxes all over the pictures, some partly or wholly outside, empty, turned around, or of no picture.</summary>
    private static Tensor Rois(Tensor x, int images, int height, int width, int count) {
        var random = new Philox(7, 7);
        float[] boxes = new float[5 * count];
        for (int i = 0; i < count; i++) {
            float left = (1.6f * random.NextSingle() - 0.4f) * width, top = (1.6f * random.NextSingle() - 0.4f) * height;
            float across = random.NextSingle() * width, down = random.NextSingle() * height;
            if (i % 7 == 5) across = 0;
            if (i % 11 == 6) down = -down;
            new[] { i % 6 == 4 ? -1 : i % images, left, top, left + across, top + down }.CopyTo(boxes, 5 * i);
        }
        return Tensor.From(boxes, [count, 5], x.Device);
    }
}
