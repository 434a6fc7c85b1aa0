using DenseEngine.Ops;
using static DenseEngine.Cases.Draws;

namespace DenseEngine.Cases;

internal static partial class OpCases {
    private static OpRow[] Convolution => [
        new(nameof(Op.Conv2d)) {
            Multiplies = true,
            Timed = new("timed", t => Op.Conv2d(t[0], t[1], t[2], padding: 1), Normal(1, 50, 84, 256), Normal(256, 3, 3, 256), Normal(256)),
            Fixture = "conv2d",
            Run = c => FixtureCase.Nchw(Op.Conv2d(c.Nhwc("input"), c.Weight("weight"), c.Optional("bias"), Two(c, "stride"),
                Two(c, "padding"), Two(c, "dilation"), c.Int("groups"))),
            Samples = [
                new("3x3", t => Op.Conv2d(t[0], t[1], t[2], padding: 1), Normal(2, 9, 17, 16), Normal(16, 3, 3, 16), Normal(16)),
                new("many_pixels", t => Op.Conv2d(t[0], t[1], t[2], padding: 1), Normal(2, 40, 40, 16), Normal(48, 3, 3, 16), Normal(48)),
                new("winograd", t => Op.Conv2d(t[0], t[1], t[2], padding: 1),
                    Normal(2, 9, 14, 12), Normal(20, 3, 3, 12), Normal(20)) { Asks = Winograd() },
                new("winograd_in_parts", t => Op.Conv2d(t[0], t[1], t[2], padding: (2, 0)),
                    Normal(3, 7, 11, 16), Normal(68, 3, 3, 16), Normal(68)) { Asks = Winograd(5 * 36 * 84) },
                new("winograd_alone", t => Op.Conv2d(t[0], t[1], t[2], padding: 1),   // large enough to be chosen
                    Normal(1, 40, 41, 64), Normal(64, 3, 3, 64), Normal(64)),
                new("stride2_odd_size", t => Op.Conv2d(t[0], t[1], t[2], stride: 2, padding: 1),
                    Normal(2, 15, 13, 8), Normal(16, 3, 3, 8), Normal(16)),
                new("stride_without_tap", t => Op.Conv2d(t[0], t[1], stride: (3, 2)), Normal(2, 11, 9, 5), Normal(7, 1, 1, 5)),
                new("1x1", t => Op.Conv2d(t[0], t[1], t[2]), Normal(2, 7, 11, 32), Normal(68, 1, 1, 32), Normal(68)),
                new("groups", t => Op.Conv2d(t[0], t[1], t[2], 1, (2, 0), (2, 1), 2), Normal(2, 8, 9, 6), Normal(10, 3, 2, 3), Normal(10)),
                new("depthwise", t => Op.Conv2d(t[0], t[1], t[2], 2, 1, groups: 20),
                    Normal(2, 11, 10, 20), Normal(20, 3, 3, 1), Normal(20)),
                new("stride3_dilated", t => Op.Conv2d(t[0], t[1], t[2], (3, 2), (2, 1), (2, 3)),
                    Normal(2, 13, 14, 8), Normal(12, 3, 3, 8), Normal(12)),
                new("groups_of_four", t => Op.Conv2d(t[0], t[1], t[2], (1, 2), 1, groups: 5),
                    Normal(2, 9, 10, 20), Normal(20, 3, 3, 4), Normal(20)),
                new("groups_of_eight_to_four", t => Op.Conv2d(t[0], t[1], null, 1, 1, groups: 3),
                    Normal(1, 17, 19, 24), Normal(12, 3, 3, 8)),
                new("depthwise_odd", t => Op.Conv2d(t[0], t[1], t[2], 1, 2, 2, groups: 7),
                    Normal(2, 6, 9, 7), Normal(7, 3, 3, 1), Normal(7)),
                new("depthwise_parts", t => Op.Conv2d(t[0], t[1], null, 1, (0, 1), groups: 8), Normal(2, 18, 19, 8), Normal(8, 2, 3, 1)),
                new("width_one", t => Op.Conv2d(t[0], t[1], padding: (0, 1)), Normal(1, 5, 1, 3), Normal(2, 2, 3, 3)),
                .. InEveryTile(new("tile", t => Op.Conv2d(t[0], t[1], t[2], padding: 1),
                    Normal(1, 12, 12, 8), Normal(132, 3, 3, 8), Normal(132))),
                .. OnTensorCores(new("cores", t => Op.Conv2d(t[0], t[1], t[2], 1, 1),
                    SmallWhole(1, 5, 7, 8), SmallWhole(20, 3, 3, 8), SmallWhole(20))),
                new("cores_stride", t => Op.Conv2d(t[0], t[1], t[2], 2, 1), SmallWhole(2, 7, 6, 4), SmallWhole(8, 3, 3, 4), SmallWhole(8)) {
                    Precision = Precision.TensorFloat32,
                },
                new("cores_odd", t => Op.Conv2d(t[0], t[1], t[2], 1, 1), SmallWhole(1, 7, 6, 3), SmallWhole(5, 3, 3, 3), SmallWhole(5)) {
                    Precision = Precision.BFloat16,
                },
                new("cores_groups", t => Op.Conv2d(t[0], t[1], groups: 2), SmallWhole(1, 6, 5, 16), SmallWhole(16, 3, 3, 8)) {
                    Precision = Precision.TensorFloat32,
                },
                new("empty_batch", t => Op.Conv2d(t[0], t[1], t[2], padding: 1),
                    Normal(0, 5, 5, 4), Normal(3, 3, 3, 4), Normal(3)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.Conv2d(Tensor.Zeros([2, 8, 8, 32]), Tensor.Zeros([4, 3, 3, 64])),
                    "weight expects 64 input channels (weight shape [4, 3, 3, 64], groups 1) but input has 32 (shape [2, 8, 8, 32])"),
                (() => Op.Conv2d(Tensor.Zeros([8, 8, 32]), Tensor.Zeros([4, 3, 3, 32])), "input needs rank 4 but has shape [8, 8, 32]"),
                (() => Op.Conv2d(Tensor.Zeros([1, 2, 9, 4]), Tensor.Zeros([4, 3, 3, 4])), "is smaller than the window"),
                (() => Op.Conv2d(Tensor.Zeros([1, 9, 9, 4]), Tensor.Zeros([5, 3, 3, 2]), groups: 2), "5 output channels"),
                (() => Op.Conv2d(Tensor.Zeros([1, 9, 9, 4]), Tensor.Zeros([5, 3, 3, 4]), Tensor.Zeros([4])),
                    "bias needs shape [5] but has [4]"),
                (() => Op.Conv2d(Tensor.Zeros([1, 9, 9, 4]), Tensor.Zeros([5, 3, 3, 4]), stride: 0), "stride is (0, 0)"),
            ],
        },
        new(nameof(Op.ConvAffine)) {
            Multiplies = true,
            Timed = Fused("timed", t => Op.ConvAffine(t[0], t[1], t[2], t[3], t[4], true, padding: 1), Normal(1, 50, 84, 256),
                Normal(256, 3, 3, 256), Normal(256), Normal(256), Normal(1, 50, 84, 256)),
            Samples = [
                new("3x3_residual", t => Op.ConvAffine(t[0], t[1], t[2], t[3], t[4], padding: 1),
                    Normal(2, 9, 17, 16), Normal(16, 3, 3, 16), Normal(16), Normal(16), Normal(2, 9, 17, 16)),
                new("1x1_stride2", t => Op.ConvAffine(t[0], t[1], t[2], t[3], null, false, stride: 2),
                    Normal(2, 7, 11, 20), Normal(33, 1, 1, 20), Normal(33), Normal(33)),
                new("groups", t => Op.ConvAffine(t[0], t[1], t[2], t[3], padding: 1, groups: 2),
                    Normal(1, 6, 5, 8), Normal(10, 3, 3, 4), Normal(10), Normal(10)),
                new("depthwise", t => Op.ConvAffine(t[0], t[1], t[2], t[3], padding: 1, groups: 12),
                    Normal(1, 6, 5, 12), Normal(12, 3, 3, 1), Normal(12), Normal(12)),
                new("relu", t => Op.ConvAffine(t[0], t[1], t[2], t[3], t[4], true, padding: 1),   // kinks everywhere
                    Normal(2, 9, 7, 16), Normal(20, 3, 3, 16), Normal(20), Normal(20), Normal(2, 9, 7, 20)) { Differentiable = false },
                Fused("fused", t => Op.ConvAffine(t[0], t[1], t[2], t[3], t[4], true, padding: 1),
                    Normal(2, 9, 7, 16), Normal(20, 3, 3, 16), Normal(20), Normal(20), Normal(2, 9, 7, 20)),
                Fused("fused_winograd", t => Op.ConvAffine(t[0], t[1], t[2], t[3], t[4], true, padding: 1),
                    Normal(2, 9, 7, 16), Normal(20, 3, 3, 16), Normal(20), Normal(20), Normal(2, 9, 7, 20)) with { Asks = Winograd() },
                Fused("fused_odd_stride2", t => Op.ConvAffine(t[0], t[1], t[2], t[3], t[4], stride: 2, padding: 1),
                    Normal(2, 9, 7, 15), Normal(21, 3, 3, 15), Normal(21), Normal(21), Normal(2, 5, 4, 21)),
                Fused("fused_long", t => Op.ConvAffine(t[0], t[1], t[2], t[3], t[4], true),   // cut into parts
                    Normal(1, 5, 7, 1100), Normal(24, 1, 1, 1100), Normal(24), Normal(24), Normal(1, 5, 7, 24)),
                Fused("fused_groups", t => Op.ConvAffine(t[0], t[1], t[2], t[3], t[4], true, padding: 1, groups: 2),
                    Normal(1, 6, 5, 40), Normal(24, 3, 3, 20), Normal(24), Normal(24), Normal(1, 6, 5, 24)),
                Fused("fused_depthwise", t => Op.ConvAffine(t[0], t[1], t[2], t[3], t[4], true, padding: 1, groups: 12),
                    Normal(1, 6, 5, 12), Normal(12, 3, 3, 1), Normal(12), Normal(12), Normal(1, 6, 5, 12)),
                Fused("fused_groups_of_four", t => Op.ConvAffine(t[0], t[1], t[2], t[3], null, true, padding: 1, groups: 3),
                    Normal(1, 6, 5, 12), Normal(12, 3, 3, 4), Normal(12), Normal(12)),
            ],
            Errors = [
                (() => Op.ConvAffine(Tensor.Zeros([1, 4, 4, 2]), Tensor.Zeros([3, 1, 1, 2]), Tensor.Zeros([2]), Tensor.Zeros([3])),
                    "scale needs shape [3] but has [2]"),
                (() => Op.ConvAffine(Tensor.Zeros([1, 4, 4, 2]), Tensor.Zeros([3, 1, 1, 2]), Tensor.Zeros([3]), Tensor.Zeros([3]),
                    Tensor.Zeros([1, 4, 4, 2])), "residual needs shape [1, 4, 4, 3] but has [1, 4, 4, 2]"),
            ],
        },
        new(nameof(Op.ConvTranspose2d)) {
            Multiplies = true,
            Timed = new("timed", t => Op.ConvTranspose2d(t[0], t[1], stride: 2, padding: 1), Normal(1, 32, 32, 256), Normal(256, 4, 4,
                256)),
            Fixture = "conv_transpose2d",
            Run = c => FixtureCase.Nchw(Op.ConvTranspose2d(c.Nhwc("input"), c.Weight("weight"), c.Optional("bias"), Two(c, "stride"),
                Two(c, "padding"), Two(c, "output_padding"), Two(c, "dilation"), c.Int("groups"))),
            Samples = [
                new("stride2", t => Op.ConvTranspose2d(t[0], t[1], t[2], 2, 1, 1), Normal(2, 9, 7, 16), Normal(16, 3, 3, 24), Normal(24)),
                new("double_4x4", t => Op.ConvTranspose2d(t[0], t[1], stride: 2, padding: 1), Normal(2, 8, 8, 32), Normal(32, 4, 4, 16)),
                new("winograd", t => Op.ConvTranspose2d(t[0], t[1], t[2], padding: 1),
                    Normal(2, 6, 7, 12), Normal(12, 3, 3, 8), Normal(8)) { Asks = Winograd() },
                new("gaps", t => Op.ConvTranspose2d(t[0], t[1], t[2], (3, 2), 0, (1, 0)),
                    Normal(1, 4, 5, 6), Normal(6, 2, 1, 3), Normal(3)),
                new("groups", t => Op.ConvTranspose2d(t[0], t[1], t[2], 1, 1, 0, 2, 3), Normal(2, 6, 7, 9), Normal(9, 3, 3, 2), Normal(6)),
                new("depthwise", t => Op.ConvTranspose2d(t[0], t[1], t[2], 2, 1, groups: 17),
                    Normal(2, 5, 6, 17), Normal(17, 4, 4, 1), Normal(17)),
                new("empty_batch", t => Op.ConvTranspose2d(t[0], t[1], t[2]),
                    Normal(0, 5, 5, 4), Normal(4, 3, 3, 3), Normal(3)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.ConvTranspose2d(Tensor.Zeros([2, 8, 8, 32]), Tensor.Zeros([64, 3, 3, 4])),
                    "weight expects 64 input channels (weight shape [64, 3, 3, 4]) but input has 32 (shape [2, 8, 8, 32])"),
                (() => Op.ConvTranspose2d(Tensor.Zeros([1, 4, 4, 2]), Tensor.Zeros([2, 3, 3, 2]), stride: 2, outputPadding: 2),
                    "outputPadding is (2, 2)"),
                (() => Op.ConvTranspose2d(Tensor.Zeros([1, 1, 1, 2]), Tensor.Zeros([2, 1, 1, 2]), padding: 1),
                    "give an output of -1 by -1 pixels"),
            ],
        },
        new(nameof(Op.DeformConv2d)) {
            Multiplies = true,
            Timed = new("timed", t => Op.DeformConv2d(t[0], t[1], t[2], t[3], padding: 1), Normal(1, 50, 84, 256),
                Moved(2, 1, 50, 84, 18), Normal(256, 3, 3, 256), Normal(1, 50, 84, 9)),
            Fixture = "deform_conv2d",
            Run = c => FixtureCase.Nchw(Op.DeformConv2d(c.Nhwc("input"), c.Nhwc("offset"), c.Weight("weight"),
                c.Optional("mask") is null ? null : c.Nhwc("mask"), c.Optional("bias"), Two(c, "stride"), Two(c, "padding"),
                    Two(c, "dilation"),
                c.Int("groups"), c.Int("offset_groups"))),
            Samples = [
                new("v2", t => Op.DeformConv2d(t[0], t[1], t[2], t[3], t[4], padding: 1),
                    Normal(2, 9, 11, 48), Moved(3, 2, 9, 11, 18), Normal(16, 3, 3, 48), Normal(2, 9, 11, 9), Normal(16)),
                new("v1", t => Op.DeformConv2d(t[0], t[1], t[2], padding: 1),
                    Normal(1, 7, 8, 16), Moved(2, 1, 7, 8, 18), Normal(12, 3, 3, 16)),
                new("relu", t => Op.DeformConv2d(t[0], t[1], t[2], padding: 1, relu: true),
                    Normal(1, 7, 8, 16), Moved(2, 1, 7, 8, 18), Normal(12, 3, 3, 16)) { Differentiable = false },
                new("many_pixels", t => Op.DeformConv2d(t[0], t[1], t[2], t[3], padding: 1),
                    Normal(2, 50, 50, 8), Moved(6, 2, 50, 50, 18), Normal(8, 3, 3, 8), Normal(2, 50, 50, 9)),
                new("uneven", t => Op.DeformConv2d(t[0], t[1], t[2], t[3], t[4], (2, 1), (0, 2), (1, 2)),
                    Normal(2, 8, 9, 21), Moved(2, 2, 3, 9, 18), Normal(5, 3, 3, 21), Normal(2, 3, 9, 9), Normal(5)),
                new("groups", t => Op.DeformConv2d(t[0], t[1], t[2], t[3], null, 1, 1, groups: 2, offsetGroups: 3),
                    Normal(2, 6, 7, 12), Moved(2, 2, 6, 7, 54), Normal(10, 3, 3, 6), Normal(2, 6, 7, 27)),
                new("groups_of_vectors", t => Op.DeformConv2d(t[0], t[1], t[2], null, t[3], 1, 1, groups: 2, offsetGroups: 4),
                    Normal(1, 6, 7, 64), Moved(2, 1, 6, 7, 72), Normal(8, 3, 3, 32), Normal(8)),
                new("picture_by_picture", t => Op.DeformConv2d(t[0], t[1], t[2], t[3], t[4], padding: 1),
                    Normal(3, 7, 6, 12), Moved(2, 3, 7, 6, 18), Normal(8, 3, 3, 12), Normal(3, 7, 6, 9), Normal(8)) {
                    Asks = () => new ConvForce(part: 1),
                },
                new("far_outside", t => Op.DeformConv2d(t[0], t[1], t[2], t[3], padding: (1, 0)),
                    Normal(1, 6, 9, 8), Moved(20, 1, 6, 9, 6), Normal(9, 3, 1, 8), Normal(1, 6, 9, 3)),
                new("empty_batch", t => Op.DeformConv2d(t[0], t[1], t[2], t[3], padding: 1),
                    Normal(0, 5, 5, 4), Normal(0, 5, 5, 18), Normal(3, 3, 3, 4), Normal(0, 5, 5, 9)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.DeformConv2d(Tensor.Zeros([1, 4, 4, 2]), Tensor.Zeros([1, 4, 4, 9]), Tensor.Zeros([3, 3, 3, 2]), padding: 1),
                    "offset needs shape [1, 4, 4, 18] but has [1, 4, 4, 9]"),
                (() => Op.DeformConv2d(Tensor.Zeros([1, 4, 4, 2]), Tensor.Zeros([1, 4, 4, 18]), Tensor.Zeros([3, 3, 3, 2]),
                    Tensor.Zeros([1, 4, 4, 18]), padding: 1), "mask needs shape [1, 4, 4, 9] but has [1, 4, 4, 18]"),
                (() => Op.DeformConv2d(Tensor.Zeros([1, 4, 4, 2]), Tensor.Zeros([1, 4, 4, 54]), Tensor.Zeros([3, 3, 3, 2]), padding: 1,
                    offsetGroups: 3), "cannot be divided into 3 offset groups"),
            ],
        },
    ];

    /// <summary>Offsets whose places lie well between pixels, where the bilinear surface has no kink: fractions from 0.1 to 0.9 of whole
    /// steps up to a number either way.</summary>
    private static Draw Moved(int most, params int[] shape) => (random, device) => {
        var result = new Shape(shape);
        return Tensor.From([.. Enumerable.Range(0, result.Count)
            .Select(_ => random.Next(2 * most) - most + 0.1f + 0.8f * random.NextSingle())], result, device);
    };

    /// <summary>What is done in one pass while nothing is recorded.</summary>
    private static Sample Fused(string name, Func<Tensor[], Tensor> call, params Draw[] inputs) => new(name, t => {
        using var still = new NoGrad();
        return call(t);
    }, inputs) { Differentiable = false };

    /// <summary>Has devices compute 3×3 convolutions by Winograd's transforms, however small.</summary>
    private static Func<IDisposable> Winograd(int part = 0) => () => new ConvForce(ConvMethod.Winograd, part);

    /// <summary>A vertical and a horizontal attribute.</summary>
    private static Pair Two(FixtureCase c, string attribute) =>
        c.Ints(attribute) is [int vertical, int horizontal] ? (vertical, horizontal) : c.Int(attribute);
}
