using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Boxes of a picture among which detections are selected, where they were computed.</summary>
/// <param name="Boxes">[K,4].</param>
/// <param name="Scores">[K].</param>
/// <param name="Labels">Int32 [K]: classes; the candidates of negative ones are not there.</param>
public sealed record BoxCandidates(Tensor Boxes, Tensor Scores, Tensor Labels) {
    /// <summary>All of some, one list after the other.</summary>
    public static BoxCandidates Join(IReadOnlyList<BoxCandidates> some) => some is [var only] ? only
        : new(Op.Concat([.. some.Select(of => of.Boxes)], 0), Op.Concat([.. some.Select(of => of.Scores)], 0),
            Op.Concat([.. some.Select(of => of.Labels)], 0));

    /// <summary>What is left after suppression, as rows of <see cref="Op.SelectDetections"/>.</summary>
    /// <param name="test">The rules; any number of detections if <see cref="TestConfig.MaxPerImage"/> is not positive.</param>
    /// <param name="splitThreshold">From so many candidates on suppression goes class by class.</param>
    internal Tensor Select(TestConfig test, int splitThreshold = TestConfig.SplitThreshold) => Op.SelectDetections(Boxes, Scores, Labels,
        test.IouThreshold, test.MaxPerImage > 0 ? test.MaxPerImage : Scores.Count, test.Soft, test.ClassAgnostic, splitThreshold);

    internal BoxCandidates KeptFrom(TensorScope scope) {
        foreach (Tensor tensor in (ReadOnlySpan<Tensor>)[Boxes, Scores, Labels]) scope.Keep(tensor);
        return this;
    }
}
