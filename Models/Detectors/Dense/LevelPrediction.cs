using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A level's predictions for a batch, ready for selection: boxes are decoded only for the anchors that are chosen.</summary>
/// <param name="Scores">Class probabilities [N,anchors,C], or logits.</param>
/// <param name="Decode">The boxes [K,4] of some pairs, in network pixels; not cut to the picture.</param>
/// <param name="Factors">What scores are multiplied by after selection [N,anchors], or null.</param>
/// <param name="Logits">Whether the scores are logits: only those that may be chosen become probabilities.</param>
public sealed record LevelPrediction(Tensor Scores, Func<ScoredPairs, Tensor> Decode, Tensor? Factors = null,
    bool Logits = false) {
    /// <summary>Whether, before pairs are looked at, the anchors with the best scores are chosen, as many as pairs otherwise; all of their
    /// pairs above the threshold go on (mmdetection's way until 2.11).</summary>
    public bool AnchorsFirst { get; init; }

    /// <summary>Whether boxes are not cut to the picture (a coder's <c>clip_border=False</c>).</summary>
    public bool Uncut { get; init; }
}
