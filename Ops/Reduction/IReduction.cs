using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

/// <summary>A way to make one value of many. On the processor, blocks are combined in single
/// precision and their results in double precision; kernels combine in trees of single precision.</summary>
internal interface IReduction {
    /// <summary>The value that changes nothing when combined.</summary>
    float Neutral { get; }

    /// <summary>Combines the results of two blocks.</summary>
    double Combine(double a, double b);

    /// <summary>Combines elements: the kernel's body, and the host's for what is left beside whole vectors.</summary>
    float Combine(float a, float b);

    /// <summary>Combines sixteen pairs of elements.</summary>
    Vector512<float> Combine(Vector512<float> a, Vector512<float> b);

    /// <summary>The output from all of its <paramref name="count"/> elements combined.</summary>
    float Finish(double total, int count);

    /// <summary>The same in single precision, for kernels.</summary>
    float Finish(float total, int count);
}
