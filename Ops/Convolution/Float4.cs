namespace DenseEngine.Ops;

/// <summary>Four floats that a kernel loads and stores in one access of 16 bytes, and keeps in registers.</summary>
internal struct Float4 {
    public float X, Y, Z, W;

    /// <summary>sum += a · b.</summary>
    public static void MultiplyAdd(ref Float4 sum, float a, Float4 b) {
        sum.X += a * b.X;
        sum.Y += a * b.Y;
        sum.Z += a * b.Z;
        sum.W += a * b.W;
    }
}
