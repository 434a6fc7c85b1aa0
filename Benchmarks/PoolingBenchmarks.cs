using BenchmarkDotNet.Attributes;
using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

/// <summary>Pools, resampling and transposition at the demo's shapes and at those of GFL-R50.</summary>
[Config(typeof(OperationsConfig))]
public class PoolingBenchmarks {
    private Tensor x = null!;

    /// <summary>pictures x height x width x channels.</summary>
    [Params("8x80x80x16", "8x10x10x48", "1x400x672x64", "1x50x84x256")]
    public string Shape { get; set; } = "";

    [GlobalSetup]
    public void Setup() => x =
        Workloads.Uniform(new([.. Shape.Split('x').Select(part => int.Parse(part, System.Globalization.CultureInfo.InvariantCulture))]), 1);

    [Benchmark]
    public void MaxPool() => Forward(() => Op.MaxPool2d(x, 3, 2, 1));

    [Benchmark]
    public void MaxPoolAndGradient() => Walk(() => Op.MaxPool2d(x, 3, 2, 1));

    [Benchmark]
    public void AdaptiveMaxPool() => Forward(() => Op.AdaptiveMaxPool2d(x, (x.Shape[1] / 2, x.Shape[2] / 2)));

    [Benchmark]
    public void GlobalAverage() => Forward(() => Op.AdaptiveAvgPool2d(x, 1));

    [Benchmark]
    public void Nearest() => Forward(() => Op.InterpolateNearest(x, (2 * x.Shape[1], 2 * x.Shape[2])));

    [Benchmark]
    public void NearestAndGradient() => Walk(() => Op.InterpolateNearest(x, (2 * x.Shape[1], 2 * x.Shape[2])));

    [Benchmark]
    public void Bilinear() => Forward(() => Op.InterpolateBilinear(x, (2 * x.Shape[1], 2 * x.Shape[2])));

    [Benchmark]
    public void ChannelsFirst() => Forward(() => Op.Permute(x, 0, 3, 1, 2));

    [Benchmark]
    public void Best100() => Forward(() => {
        using Tensor flat = Op.Reshape(x, -1);
        (Tensor values, Tensor indices) = Op.TopK(flat, 100);
        indices.Dispose();
        return values;
    });

    private static void Forward(Func<Tensor> forward) {
        using var noGrad = new NoGrad();
        using Tensor y = forward();
    }

    private void Walk(Func<Tensor> forward) {
        x.RequiresGrad = true;
        using (var scope = new TensorScope()) {
            Tensor y = forward(), dy = Tensor.Full(y.Shape, 1);
            y.Backward(dy);
        }
        x.Grad?.Dispose();
        x.Grad = null;
        x.RequiresGrad = false;
    }
}
