using BenchmarkDotNet.Attributes;
using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

/// <summary>Reductions of a feature map (1 x 100 x 168 x 256), the softmax of all boxes' distributions (22400 x 4 x 17) and the losses of
/// GFL with their gradients (22400 anchors, 80 classes; 2000 positives).</summary>
[Config(typeof(OperationsConfig))]
public class ReductionBenchmarks {
    private Tensor map = null!, bins = null!, logits = null!, labels = null!, scores = null!, positives = null!, targets = null!,
        ones = null!;

    [GlobalSetup]
    public void Setup() {
        map = Workloads.Uniform([1, 100, 168, 256], 1);
        bins = Workloads.Uniform([22400, 4, 17], 2);
        logits = Workloads.Uniform([22400, 80], 3);
        labels = Tensor.From([.. Enumerable.Range(0, 22400).Select(row => row % 100 == 0 ? row / 100 % 80 : 80)], [22400]);
        scores = Tensor.Full([22400], 0.7f);
        positives = Workloads.Uniform([8000, 17], 4);
        targets = Tensor.From([.. Enumerable.Range(0, 8000).Select(row => row % 158 * 0.1f)], [8000]);
        ones = Tensor.Full([22400], 1);
        logits.RequiresGrad = positives.RequiresGrad = true;
    }

    [Benchmark]
    public void SumOfAll() => Op.Sum(map).Dispose();

    [Benchmark]
    public void MeanOfChannels() => Op.Mean(map, [0, 1, 2]).Dispose();

    [Benchmark]
    public void MeanOverChannels() => Op.Mean(map, [-1]).Dispose();

    [Benchmark]
    public void MaxOverClasses() {
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        Op.Max(logits, -1);
    }

    [Benchmark]
    public void SoftmaxOfBins() => Op.Softmax(bins).Dispose();

    [Benchmark]
    public void QualityFocalLoss() {
        using var scope = new TensorScope();
        Op.QualityFocalLoss(logits, labels, scores).Backward(ones);
        logits.Grad!.Dispose();
        logits.Grad = null;
    }

    [Benchmark]
    public void DistributionFocalLoss() {
        using var scope = new TensorScope();
        Op.Sum(Op.DistributionFocalLoss(positives, targets)).Backward();
        positives.Grad!.Dispose();
        positives.Grad = null;
    }
}
