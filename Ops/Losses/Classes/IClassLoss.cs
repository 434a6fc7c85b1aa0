using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

/// <summary>A loss on the entries of rows of classes: the entry of a row's own class has one formula, all other entries another that looks
/// at nothing but their prediction. A value that host loops and kernels are specialised for.</summary>
internal interface IClassLoss {
    /// <summary>Whether the own entry's formula reads the row's score.</summary>
    static abstract bool ReadsScore { get; }

    /// <summary>Whether a row of this label costs nothing.</summary>
    bool Skips(int label);

    /// <summary>Costs and slopes of sixteen other entries.</summary>
    void Other(Vector512<float> x, out Vector512<float> cost, out Vector512<float> slope);

    /// <summary>Cost, and slope, of one other entry.</summary>
    float Other(float x, ref float slope);

    /// <summary>Cost, and slope, of the own entry.</summary>
    float Own(float x, float score, ref float slope);
}
