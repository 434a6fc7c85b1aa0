namespace DenseEngine.Models;

/// <summary>Positives and negatives drawn by chance (Faster R-CNN).</summary>
/// <param name="Count">How many priors a picture.</param>
/// <param name="PositiveFraction">Which part of them positives may be.</param>
/// <param name="NegativeRatio">At most how many negatives for each positive; negative for any number.</param>
/// <param name="AddTruths">Whether the objects themselves stand before the priors, as positives.</param>
public sealed record RandomSampler(int Count, double PositiveFraction, double NegativeRatio = -1, bool AddTruths = true)
    : Sampler(Count, PositiveFraction, NegativeRatio, AddTruths);
