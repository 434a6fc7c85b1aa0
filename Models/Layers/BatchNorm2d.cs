using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Batch normalisation. In training mode it uses the batch's statistics and moves the running ones (momentum 0.1); otherwise it
/// uses those, and its weight and bias may still be trained.</summary>
public sealed class BatchNorm2d(int channels) : Layer {
    private readonly Parameter weight = new([channels], 1f), bias = new([channels]);
    private readonly StateBuffer mean = new(Tensor.Zeros([channels])), variance = new(Tensor.Full([channels], 1)),
        batches = new(Tensor.Zeros([], DType.Int32));

    private (Tensor? Of, int Version, int Count) counted;

    private volatile Stamp? stamp;   // the last one

    private const float Eps = 1e-5f;

    private sealed record Stamp((int Bias, int Mean, int Variance) Versions);

    /// <summary>The factor of each channel.</summary>
    public Parameter Weight => weight;

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, Parameter Parameter)> OwnParameters => [("weight", weight), ("bias", bias)];

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, StateBuffer Buffer)> OwnBuffers =>
        [("running_mean", mean), ("running_var", variance), ("num_batches_tracked", batches)];

    /// <summary>What it comes to in evaluation mode; kept until weight, bias or statistics change.</summary>
    internal NormAffine Affine {
        get {
            var now = (bias.Value.Version, mean.Value.Version, variance.Value.Version);
            Stamp? known = stamp;
            if (known is null || known.Versions != now) stamp = known = new Stamp(now);
            return weight.Value.FindDerived<NormAffine>(typeof(NormAffine), known) ?? weight.Value.Derived(typeof(NormAffine),
                () => new NormAffine(weight.Value, bias.Value, mean.Value, variance.Value, Eps), known);
        }
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Forward(x, relu: false);

    /// <summary>The norm; what is given added; and a ReLU if asked for.</summary>
    internal Tensor Forward(Tensor x, bool relu, Tensor? residual = null) {
        if (IsTraining) CountBatch();
        return Op.BatchNorm(x, weight.Value, bias.Value, mean.Value, variance.Value, IsTraining, eps: Eps, relu: relu, residual: residual);
    }

    /// <summary>The device is asked only when the count is not the one that was written last.</summary>
    private void CountBatch() {
        if (counted.Of != batches.Value || counted.Version != batches.Value.Version) counted.Count = batches.Value.ToIntArray()[0];
        batches.Fill(++counted.Count);
        (counted.Of, counted.Version) = (batches.Value, batches.Value.Version);
    }

    /// <summary>Weight 1, bias 0, and statistics of none.</summary>
    public override void Initialize(Philox random) {
        weight.Fill(1);
        bias.Fill(0);
        mean.Fill(0);
        variance.Fill(1);
        batches.Fill(0);
    }
}
