using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A level's predictions for a batch, ready for selection: boxes are decoded only for the rows that are chosen.</summary>
/// <param name="Scores">Class probabilities [N,anchors,C].</param>
/// <param name="Decode">The boxes, in network pixels, of rows of [N·anchors]; not cut to the picture.</param>
/// <param name="Factors">What scores are multiplied by after selection [N,anchors], or null.</param>
public sealed record LevelPrediction(Tensor Scores, Func<int[], Box[]> Decode, Tensor? Factors = null);
