using BenchmarkDotNet.Attributes;
using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

/// <summary>Norms at the demo's small shapes and at those of GFL-R50, forward alone and forward with gradient.</summary>
[Config(typeof(OperationsConfig))]
public class NormBenchmarks {
    private Tensor x = null!, dy = null!, weight = null!, bias = null!, mean = null!, variance = null!;

    /// <summary>pictures x height x width x channels.</summary>
    [Params("8x80x80x16", "8x20x20x48", "8x5x5x48", "1x100x168x256")]
    public string Shape { get; set; } = "";

    [GlobalSetup]
    public void Setup() {
        int[] n = [.. Shape.Split('x').Select(part => int.Parse(part, System.Globalization.CultureInfo.InvariantCulture))];
        (x, dy) = (Workloads.Uniform(new(n), 1), Workloads.Uniform(new(n), 2));
        (weight, bias) = (Workloads.Uniform([n[3]], 3), Workloads.Uniform([n[3]], 4));
        (mean, variance) = (Workloads.Uniform([n[3]], 5), Tensor.Full([n[3]], 1));
        x.RequiresGrad = weight.RequiresGrad = bias.RequiresGrad = true;
    }

    [Benchmark]
    public void Group() {
        using var noGrad = new NoGrad();
        using Tensor y = Op.GroupNorm(x, 16, weight, bias);
    }

    [Benchmark]
    public void GroupAndGradient() => Walk(() => Op.GroupNorm(x, 16, weight, bias));

    [Benchmark]
    public void Batch() {
        using var noGrad = new NoGrad();
        using Tensor y = Op.BatchNorm(x, weight, bias, mean, variance, training: true);
    }

    [Benchmark]
    public void BatchAndGradient() => Walk(() => Op.BatchNorm(x, weight, bias, mean, variance, training: true));

    [Benchmark]
    public void Frozen() {
        using var noGrad = new NoGrad();
        using Tensor y = Op.BatchNorm(x, weight, bias, mean, variance, training: false);
    }

    [Benchmark]
    public void Layer() {
        using var noGrad = new NoGrad();
        using Tensor y = Op.LayerNorm(x, 1, weight, bias);
    }

    private void Walk(Func<Tensor> forward) {
        using (var scope = new TensorScope()) forward().Backward(dy);
        foreach (Tensor leaf in (ReadOnlySpan<Tensor>)[x, weight, bias]) {
            leaf.Grad?.Dispose();
            leaf.Grad = null;
        }
    }
}
