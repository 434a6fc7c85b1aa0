namespace DenseEngine.Models;

/// <summary>What Adam (Kingma and Ba, 2015) has beside rate and weight decay. Defaults are PyTorch's.</summary>
/// <param name="Beta1">The share of the old mean of gradients, at least 0, below 1.</param>
/// <param name="Beta2">That of the old mean of their squares.</param>
/// <param name="Epsilon">Added to the root of the latter.</param>
public sealed record AdamConfig(double Beta1 = 0.9, double Beta2 = 0.999, float Epsilon = 1e-8f);
