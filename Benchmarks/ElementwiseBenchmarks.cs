using BenchmarkDotNet.Attributes;
using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

/// <summary>Elementwise operations on a feature map of GFL-R50 (1 x 100 x 168 x 256) and on one of the demo's (8 x 20 x 20 x 48).</summary>
[Config(typeof(OperationsConfig))]
public class ElementwiseBenchmarks {
    private Tensor x = null!, other = null!, channels = null!;

    [Params("1x100x168x256", "8x20x20x48")]
    public string Map { get; set; } = "";

    [GlobalSetup]
    public void Setup() {
        var shape = new Shape([.. Map.Split('x').Select(part => int.Parse(part, System.Globalization.CultureInfo.InvariantCulture))]);
        (x, other, channels) = (Workloads.Uniform(shape, 1), Workloads.Uniform(shape, 2), Workloads.Uniform([shape[^1]], 3));
    }

    [Benchmark]
    public void Relu() => Op.Relu(x).Dispose();

    [Benchmark]
    public void Sigmoid() => Op.Sigmoid(x).Dispose();

    [Benchmark]
    public void Softplus() => Op.Softplus(x).Dispose();

    [Benchmark]
    public void Add() => Op.Add(x, other).Dispose();

    [Benchmark]
    public void MulChannels() => Op.Mul(x, channels).Dispose();
}
