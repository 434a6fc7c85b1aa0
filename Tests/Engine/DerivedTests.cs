using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>What is computed from a tensor's contents lives as long as they do.</summary>
public class DerivedTests {
    private sealed class Sum(float value, List<float> freed) : IDisposable {
        public float Value => value;

        public void Dispose() => freed.Add(value);
    }

    [Fact]
    public void A_value_is_made_once_and_freed_when_the_contents_change_or_end() {
        List<float> freed = [];
        int made = 0;
        Tensor x = Tensor.From([1f, 2f], [2]), view = x.View([1, 2]);
        Sum Get(Tensor tensor) => tensor.Derived("sum", () => {
            made++;
            return new Sum(tensor.ToArray().Sum(), freed);
        });
        Assert.Equal(3, Get(x).Value);
        Assert.Same(Get(x), Get(view));
        Assert.Equal(1, made);
        x.Span[0] = 5;
        view.MarkChanged();
        Assert.Equal([3f], freed);
        Assert.Equal(7, Get(x).Value);
        x.Dispose();
        Assert.Equal([3f], freed);
        view.Dispose();
        Assert.Equal([3f, 7f], freed);
    }

    [Fact]
    public void Weights_are_packed_once_for_inference_and_anew_after_a_step() {
        using var device = new HostDevice(1);
        using Tensor x = Draws.Normal(1, 40, 40, 32)(new Philox(1), device), weight = Draws.Normal(32, 3, 3, 32)(new Philox(2), device);
        using (new NoGrad()) {
            Op.Conv2d(x, weight, padding: 1).Dispose();
            long buffers = device.Pool.Statistics.LiveBuffers;
            Op.Conv2d(x, weight, padding: 1).Dispose();
            Assert.Equal(buffers, device.Pool.Statistics.LiveBuffers);
        }
        using Tensor before = Op.Conv2d(x, weight, padding: 1);
        device.Fill(weight, 0);
        weight.MarkChanged();
        using var noGrad = new NoGrad();
        using Tensor after = Op.Conv2d(x, weight, padding: 1);
        Assert.NotEqual(0, before.ToArray().Max());
        Assert.Equal(0, after.ToArray().Max(Math.Abs));
    }
}
