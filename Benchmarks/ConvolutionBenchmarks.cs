using BenchmarkDotNet.Attributes;
using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

/// <summary>Convolutions of the demo's small GFL (batch 8, 160 by 160 pixels) and of GFL-R50 at 800 by 1344, forward and both
/// gradients.</summary>
[Config(typeof(OperationsConfig))]
public class ConvolutionBenchmarks {
    private Tensor x = null!, weight = null!, y = null!, dx = null!, dWeight = null!;
    private ConvGeometry conv;

    /// <summary>pictures x height x width x channels -> outputs, kernel, stride.</summary>
    [Params(
        "8x160x160x3->16 k7 s2", "8x40x40x16->16 k3 s1", "8x40x40x16->32 k3 s2", "8x20x20x32->32 k3 s1", "8x10x10x64->64 k3 s1",
        "8x5x5x128->128 k3 s1",
        "8x20x20x48->48 k3 s1", "8x5x5x48->48 k3 s1", "8x20x20x32->48 k1 s1",
        "1x100x168x256->256 k3 s1", "1x25x42x256->256 k3 s1", "1x200x336x64->256 k1 s1", "1x200x336x256->64 k1 s1",
        "1x200x336x128->128 k3 s2")]
    public string Layer { get; set; } = "";

    [GlobalSetup]
    public void Setup() {
        int[] n = [.. Layer.Replace("->", "x", StringComparison.Ordinal).Replace(" k", "x", StringComparison.Ordinal)
            .Replace(" s", "x", StringComparison.Ordinal).Split('x')
            .Select(part => int.Parse(part, System.Globalization.CultureInfo.InvariantCulture))];
        x = Workloads.Uniform([n[0], n[1], n[2], n[3]], 1);
        weight = Workloads.Uniform([n[4], n[5], n[5], n[3]], 2);
        conv = ConvGeometry.Of("Conv2d", x, weight, null, n[6], n[5] / 2, 1, 1);
        y = Workloads.Uniform(conv.OutputShape, 3);
        (dx, dWeight) = (Workloads.Uniform(x.Shape, 4), Workloads.Uniform(weight.Shape, 5));
    }

    /// <summary>Multiply-adds count as two, as everywhere.</summary>
    public double Flops() => 2.0 * conv.OutputPixels * conv.OutputChannels * conv.PatchSize;

    [Benchmark]
    public void Forward() => ConvHost.Forward(HostDevice.Default, conv, x, weight, null, y);

    [Benchmark]
    public void InputGradient() => ConvHost.InputGradient(HostDevice.Default, conv, y, weight, null, dx);

    [Benchmark]
    public void WeightGradient() => ConvHost.WeightGradient(HostDevice.Default, conv, x, y, dWeight);
}
