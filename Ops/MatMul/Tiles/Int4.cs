namespace DenseEngine.Ops;

/// <summary>Four integers that a kernel loads and stores in one access of 16 bytes.</summary>
internal struct Int4 {
    public int X, Y, Z, W;
}
