using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

/// <summary>What an elementwise gradient reads, besides the gradient of the output.</summary>
internal enum Keeps {
    /// <summary>Nothing: the slope is the same everywhere.</summary>
    Nothing,

    /// <summary>The input.</summary>
    Input,

    /// <summary>The output.</summary>
    Output,
}

/// <summary>An elementwise function of one tensor, with its derivative, as a value that host loop and kernel are specialised for. Bodies
/// for one element and for sixteen must give the same bits.</summary>
internal interface IUnaryOp {
    /// <summary>What the slope reads.</summary>
    static abstract Keeps Keeps { get; }

    /// <summary>The value at x.</summary>
    float Apply(float x);

    /// <summary>dy/dx. Only what <see cref="Keeps"/> names is valid: the other argument repeats it.</summary>
    float Slope(float x, float y);

    /// <summary>The value in each lane.</summary>
    Vector512<float> Apply(Vector512<float> x);

    /// <summary>dy/dx in each lane.</summary>
    Vector512<float> Slope(Vector512<float> x, Vector512<float> y);
}
