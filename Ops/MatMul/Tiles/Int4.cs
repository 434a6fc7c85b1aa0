using ILGPU;

namespace DenseEngine.Ops;

/// <summary>Four integers that a kernel loads and stores in one access of 16 bytes.</summary>
internal struct Int4 {
    public int X, Y, Z, W;

    /// <summary>One value four times.</summary>
    public static Int4 Splat(int value) => new() { X = value, Y = value, Z = value, W = value };

    /// <summary>The values from a place on: in one access where <paramref name="vectors"/> is not 0 and all four are there, else one by
    /// one, and zero from the one after <paramref name="count"/> on.</summary>
    public static Int4 Load(ArrayView<int> values, int at, int count, int vectors) {
        Int4 result = default;
        if (vectors != 0 && count > 3) return values.Cast<Int4>()[at >> 2];
        if (count > 0) result.X = values[at];
        if (count > 1) result.Y = values[at + 1];
        if (count > 2) result.Z = values[at + 2];
        if (count > 3) result.W = values[at + 3];
        return result;
    }

    /// <summary>Writes the first <paramref name="count"/> of four values: in one access where <paramref name="vectors"/> is not 0 and all
    /// four are wanted, else one by one.</summary>
    public void Store(ArrayView<int> values, int at, int count, int vectors) {
        if (vectors != 0 && count > 3) {
            values.Cast<Int4>()[at >> 2] = this;
            return;
        }
        if (count > 0) values[at] = X;
        if (count > 1) values[at + 1] = Y;
        if (count > 2) values[at + 2] = Z;
        if (count > 3) values[at + 3] = W;
    }
}
