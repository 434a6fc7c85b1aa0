using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Deformable convolution: gradients that are asked for alone, and places at and beyond the border.</summary>
public class DeformTests {
    public static TheoryData<string> Places =>
        [HostDevice.Default.Name, .. GpuCase.All.Where(place => place.Name != "ilgpu-cpu").Select(place => place.ToString())];

    [Theory]
    [MemberData(nameof(Places))]
    public void A_gradient_alone_is_the_one_among_all(string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        Device device = (Device?)gpu ?? HostDevice.Default;
        using var scope = new TensorScope();
        float[]?[] all = Gradients(device, _ => true);
        for (int only = 0; only < all.Length; only++) {
            Assert.True(all[only]!.Max(MathF.Abs) > 0.1f);
            float[]?[] alone = Gradients(device, i => i == only);
            for (int i = 0; i < all.Length; i++) Assert.Equal(i == only ? all[i] : null, alone[i]);
        }
    }

    /// <summary>In inference the product ends with it; recorded, it follows.</summary>
    [Theory]
    [MemberData(nameof(Places))]
    public void A_ReLU_in_the_product_equals_one_that_follows(string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        Device device = (Device?)gpu ?? HostDevice.Default;
        using var scope = new TensorScope();
        Tensor x = Draws.Normal(2, 9, 11, 40)(new Philox(1), device),
            offset = Draws.Normal(2, 9, 11, 18)(new Philox(2), x.Device),
            weight = Draws.Normal(24, 3, 3, 40)(new Philox(3), x.Device);
        Tensor expected = Op.Relu(Op.DeformConv2d(x, offset, weight, padding: 1));
        Assert.Contains(expected.ToArray(), value => value == 0);
        Compare.SameBits("inference", expected, Op.DeformConv2d(x, offset, weight, padding: 1, relu: true));
        weight.RequiresGrad = true;
        Tensor recorded = Op.DeformConv2d(x, offset, weight, padding: 1, relu: true);
        Compare.SameBits("recorded", expected, recorded.Detach());
        Op.Sum(recorded).Backward();
        float[] gradient = weight.Grad!.ToArray();
        weight.Grad = null;
        Op.Sum(Op.Relu(Op.DeformConv2d(x, offset, weight, padding: 1))).Backward();
        Assert.Equal(gradient, weight.Grad!.ToArray());
    }

    /// <summary>One pixel seen through one tap, so that the values can be told by hand; the product of pixel and weight is 3.</summary>
    [Theory]
    [MemberData(nameof(Places))]
    public void Nothing_is_seen_from_a_pixel_beyond_the_border_on(string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        Device device = (Device?)gpu ?? HostDevice.Default;
        (float Down, float Across, float[] Expected)[] cases = [   // value, then gradients: down, across, mask, pixel (weight 1.5)
            (0, 0, [3, -3, -3, 3, 1.5f]), (-0.5f, 0, [1.5f, 3, -1.5f, 1.5f, 0.75f]),
                (0.25f, -0.5f, [1.125f, -1.5f, 2.25f, 1.125f, 0.5625f]),
            (-1, 0, [0, 0, 0, 0, 0]), (0, -1, [0, 0, 0, 0, 0]), (1, 0, [0, 0, 0, 0, 0]), (0, 1, [0, 0, 0, 0, 0]),
            (-7, 0, [0, 0, 0, 0, 0]), (0, 1e30f, [0, 0, 0, 0, 0]), (float.NaN, 0, [0, 0, 0, 0, 0]),
            (0, float.NegativeInfinity, [0, 0, 0, 0, 0]),
        ];
        foreach ((float down, float across, float[] expected) in cases) {
            using var scope = new TensorScope();
            Tensor x = Leaf([2], [1, 1, 1, 1], device), offset = Leaf([down, across], [1, 1, 1, 2], device),
                mask = Leaf([1], [1, 1, 1, 1], device), weight = Leaf([1.5f], [1, 1, 1, 1], device);
            Tensor y = Op.DeformConv2d(x, offset, weight, mask);
            y.Backward(Tensor.From([1f], [1, 1, 1, 1], device));
            float[] found = [y.ToArray()[0], .. offset.Grad!.ToArray(), mask.Grad!.ToArray()[0], x.Grad!.ToArray()[0]];
            Assert.Equal(expected, found);
        }
    }

    private static float[]?[] Gradients(Device device, Func<int, bool> wanted) {
        var random = new Philox(5);
        Draw[] draws = [Draws.Normal(2, 6, 7, 40), Draws.Normal(2, 6, 7, 36), Draws.Normal(12, 3, 3, 40), Draws.Normal(2, 6, 7, 18),
            Draws.Normal(12)];
        Tensor[] t = [.. draws.Select(draw => draw(random, device))];
        for (int i = 0; i < t.Length; i++) t[i].RequiresGrad = wanted(i);
        Tensor y = Op.DeformConv2d(t[0], t[1], t[2], t[3], t[4], padding: 1, offsetGroups: 2);
        y.Backward(Draws.Normal(2, 6, 7, 12)(random, device));
        return [.. t.Select(each => each.Grad?.ToArray())];
    }

    private static Tensor Leaf(float[] values, Shape shape, Device device) {
        var leaf = Tensor.From(values, shape, device);
        leaf.RequiresGrad = true;
        return leaf;
    }
}
