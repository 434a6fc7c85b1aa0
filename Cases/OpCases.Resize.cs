using DenseEngine.Ops;
using static DenseEngine.Cases.Draws;

namespace DenseEngine.Cases;

internal static partial class OpCases {
    private static OpRow[] Resize => [
        new(nameof(Op.InterpolateNearest)) {
            Timed = new("timed", t => Op.InterpolateNearest(t[0], (100, 168)), Normal(1, 50, 84, 256)),
            Samples = [
                new("double", t => Op.InterpolateNearest(t[0], (10, 8)), Normal(2, 5, 4, 21)),
                new("odd_up", t => Op.InterpolateNearest(t[0], (25, 42)), Normal(1, 13, 21, 16)),
                new("down", t => Op.InterpolateNearest(t[0], (4, 3)), Normal(2, 9, 11, 5)),
                new("factor", t => Op.InterpolateNearest(t[0], scaleFactor: (2, 1.5)), Normal(1, 6, 7, 17)),
                new("empty", t => Op.InterpolateNearest(t[0], 3), Normal(0, 4, 4, 8)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.InterpolateNearest(Tensor.Zeros([1, 2, 2, 1])), "InterpolateNearest: give either a size or a scaleFactor"),
                (() => Op.InterpolateNearest(Tensor.Zeros([1, 2, 2, 1]), 2, (1, 1)), "give either a size or a scaleFactor"),
                (() => Op.InterpolateNearest(Tensor.Zeros([1, 2, 2, 1]), scaleFactor: (0.2, 1)), "would become 0 by 2 pixels"),
                (() => Op.InterpolateNearest(Tensor.Zeros([1, 2, 2, 1]), scaleFactor: (double.NaN, 1)), "would become NaN by 2 pixels"),
                (() => Op.InterpolateNearest(Tensor.Zeros([1, 0, 2, 1]), 2), "has no pixels"),
            ],
        },
        new(nameof(Op.AddNearest)) {
            Timed = new("timed", t => Op.AddNearest(t[0], t[1]), Normal(1, 100, 168, 256), Normal(1, 50, 84, 256)),
            Samples = [
                new("double", t => Op.AddNearest(t[0], t[1]), Normal(2, 10, 8, 21), Normal(2, 5, 4, 21)),
                new("odd_up", t => Op.AddNearest(t[0], t[1]), Normal(1, 25, 42, 16), Normal(1, 13, 21, 16)),
                new("down", t => Op.AddNearest(t[0], t[1]), Normal(2, 4, 3, 40), Normal(2, 9, 11, 40)),
                new("empty", t => Op.AddNearest(t[0], t[1]), Normal(0, 4, 4, 8), Normal(0, 2, 2, 8)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.AddNearest(Tensor.Zeros([1, 2, 2, 1]), Tensor.Zeros([1, 1, 1, 2])),
                    "x needs shape [1, 2, 2, 2] but has [1, 2, 2, 1]"),
                (() => Op.AddNearest(Tensor.Zeros([1, 2, 2]), Tensor.Zeros([1, 1, 1, 2])), "AddNearest: x needs rank 4"),
                (() => Op.AddNearest(Tensor.Zeros([1, 2, 2, 1]), Tensor.Zeros([1, 0, 2, 1])), "has no pixels"),
            ],
        },
        new(nameof(Op.InterpolateBilinear)) {
            Timed = new("timed", t => Op.InterpolateBilinear(t[0], (100, 168)), Normal(1, 50, 84, 256)),
            Fixture = "interpolate",   // both modes
            Run = c => {
                Tensor x = c.Nhwc("input");
                Pair? size = c.Given("size") ? Two(c, "size") : null;
                (double, double)? factor = c.Given("scale_factor")
                    ? (c.Attribute("scale_factor")[0].GetDouble(), c.Attribute("scale_factor")[1].GetDouble()) : null;
                return FixtureCase.Nchw(c.Text("mode") == "nearest"
                    ? Op.InterpolateNearest(x, size, factor) : Op.InterpolateBilinear(x, size, factor, c.Bool("align_corners")));
            },
            Samples = [
                new("double", t => Op.InterpolateBilinear(t[0], (10, 8)), Normal(2, 5, 4, 21)),
                new("corners", t => Op.InterpolateBilinear(t[0], (11, 17), alignCorners: true), Normal(1, 6, 9, 16)),
                new("down", t => Op.InterpolateBilinear(t[0], (4, 3)), Normal(2, 9, 11, 5)),
                new("down_corners", t => Op.InterpolateBilinear(t[0], (4, 1), alignCorners: true), Normal(2, 9, 11, 5)),
                new("factor", t => Op.InterpolateBilinear(t[0], scaleFactor: (2.3, 0.7)), Normal(1, 6, 7, 17)),
                new("one_pixel", t => Op.InterpolateBilinear(t[0], (3, 4)), Normal(1, 1, 1, 17)),
                new("empty", t => Op.InterpolateBilinear(t[0], 3), Normal(0, 4, 4, 8)) { Differentiable = false },
            ],
            Errors =
                [(() => Op.InterpolateBilinear(Tensor.Zeros([1, 2, 2, 1])), "InterpolateBilinear: give either a size or a scaleFactor")],
        },
    ];
}
