using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>How far away an object is, in metres: 1 / σ(d) - 1 of the number that is predicted (Zhou et al., 2019, section 4.1; Eigen et
/// al., 2014).</summary>
/// <param name="Name">Its name.</param>
/// <param name="LossWeight">Multiplies the loss.</param>
public sealed record CenterDepth(string Name = "depth", float LossWeight = 1) : CenterRegression(Name, 1, LossWeight) {
    private const float Farthest = 1e-6f;   // the least σ counts as twice that

    /// <inheritdoc/>
    protected override Tensor Activate(Tensor raw) => Op.Pow(Op.Sigmoid(raw) + Farthest, -1) - 1;
}
