namespace DenseEngine.Ops;

/// <summary>A function that makes a line of values of one or two lines of as many, sixteen lines at once or one line spread over the
/// lanes.</summary>
internal interface ILineOp {
    /// <summary>What fills the lanes beyond a line's end: a value that has no influence.</summary>
    float Padding { get; }

    /// <summary>Computes lines of <paramref name="steps"/> vectors that are <paramref name="stride"/> elements apart.</summary>
    /// <param name="y">The result.</param>
    /// <param name="a">The first input.</param>
    /// <param name="b">The second input; a again, where there is none.</param>
    /// <param name="steps">Vectors in a line.</param>
    /// <param name="stride">Elements from one vector to the next.</param>
    /// <param name="across">Whether all lanes are one line, so that they must be joined.</param>
    unsafe void Apply(float* y, float* a, float* b, int steps, int stride, bool across);
}
