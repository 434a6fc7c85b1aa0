namespace DenseEngine.Models;

/// <summary>What refines the mean of a pyramid's levels.</summary>
public enum Refinement {
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A 3×3 convolution and ReLU.</summary>
    Convolution,

    /// <summary>Attention of every pixel to every other, by softmax (mmdetection's <c>non_local</c>).</summary>
    EmbeddedGaussian,

    /// <summary>The same by products alone.</summary>
    DotProduct,
}

/// <summary>A balanced feature pyramid. Defaults are mmdetection's; channels and levels come from the pyramid before it.</summary>
public sealed record BfpConfig {
    /// <summary>The level at whose size the levels are put together.</summary>
    public int RefineLevel { get; init; }

    /// <summary>What refines their mean.</summary>
    public Refinement Refinement { get; init; }

    /// <summary>The norm behind the refinement's last convolution, or null.</summary>
    public NormConfig? Norm { get; init; }
}
