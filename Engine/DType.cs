namespace DenseEngine;

/// <summary>What a tensor's elements are. Both kinds take four bytes.</summary>
public enum DType {
    /// <summary>IEEE 754 single precision: values, weights, gradients.</summary>
    Float32,

    /// <summary>Signed 32-bit integers: labels, indices, masks. They carry no gradient.</summary>
    Int32,
}
