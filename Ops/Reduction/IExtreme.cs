using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

/// <summary>Which of two elements is the extreme one. The first of equal ones stays.</summary>
internal interface IExtreme {
    /// <summary>Whether an element beats the best before it.</summary>
    bool Better(float a, float best);

    /// <summary>The lanes (all bits set) in which an element beats the best before it.</summary>
    Vector512<float> Better(Vector512<float> a, Vector512<float> best);

    /// <summary>The better of each pair, NaN if one is.</summary>
    Vector512<float> Best(Vector512<float> a, Vector512<float> b);
}
