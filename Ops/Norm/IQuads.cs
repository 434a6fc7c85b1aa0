using ILGPU;

namespace DenseEngine.Ops;

/// <summary>How a kernel reads and writes four neighbouring channels, as a type that it is specialised for: loads that are to be on their
/// way together may have no branches between them.</summary>
internal interface IQuads {
    /// <summary>The values from a place on; zero from the one after <paramref name="count"/> on.</summary>
    static abstract Float4 Load(ArrayView<float> values, int at, int count);

    /// <summary>Writes the first <paramref name="count"/> of four values.</summary>
    static abstract void Store(Float4 four, ArrayView<float> values, int at, int count);
}

/// <summary>The channels are a multiple of four: one access of 16 bytes.</summary>
internal readonly struct WholeQuads : IQuads {
    public static Float4 Load(ArrayView<float> values, int at, int count) => values.Cast<Float4>()[at >> 2];
    public static void Store(Float4 four, ArrayView<float> values, int at, int count) => values.Cast<Float4>()[at >> 2] = four;
}

/// <summary>They are not: one by one.</summary>
internal readonly struct OddQuads : IQuads {
    public static Float4 Load(ArrayView<float> values, int at, int count) => Float4.Guarded(values, at, count);
    public static void Store(Float4 four, ArrayView<float> values, int at, int count) => four.Store(values, at, count, 0);
}
