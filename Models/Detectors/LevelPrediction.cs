using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A level's predictions for a batch, ready for selection: boxes are decoded only for the anchors that are chosen.</summary>
/// <param name="Scores">Class probabilities [N,anchors,C].</param>
/// <param name="Decode">The boxes [K,4] of some pairs, in network pixels; not cut to the picture.</param>
/// <param name="Factors">What scores are multiplied by after selection [N,anchors], or null.</param>
public sealed record LevelPrediction(Tensor Scores, Func<ScoredPairs, Tensor> Decode, Tensor? Factors = null);
