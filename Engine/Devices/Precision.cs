namespace DenseEngine;

/// <summary>How exact the factors of matrix products and convolutions are; sums are of single precision whichever it is, and everything
/// else computes in single precision. Factors are rounded as they are read; tensors keep all their bits.</summary>
public enum Precision {
    /// <summary>Single precision: 24 bits.</summary>
    Float32,

    /// <summary>TensorFloat-32: the range of single precision, 11 bits; to the nearest, away from zero where two are equally
    /// near.</summary>
    TensorFloat32,

    /// <summary>bfloat16: the range of single precision, 8 bits; to the nearest, to even where two are equally near.</summary>
    BFloat16,
}
