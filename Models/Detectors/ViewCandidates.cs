namespace DenseEngine.Models;

/// <summary>What one view of some pictures shows.</summary>
/// <param name="Pictures">Each picture's candidates.</param>
public sealed record ViewCandidates(IReadOnlyList<BoxCandidates> Pictures) {
    /// <summary>What else is read with the detections, any numbers [F]; null for nothing.</summary>
    public Tensor? Further { get; init; }

    /// <summary>From these numbers the properties of all candidates, picture after picture.</summary>
    public Func<float[], IReadOnlyList<IReadOnlyDictionary<string, float[]>>>? Properties { get; init; }

    internal ViewCandidates KeptFrom(TensorScope scope) {
        foreach (BoxCandidates picture in Pictures) picture.KeptFrom(scope);
        if (Further is not null) scope.Keep(Further);
        return this;
    }
}
