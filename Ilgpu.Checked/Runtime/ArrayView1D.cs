namespace ILGPU.Runtime;

/// <summary>A one-dimensional view with a stride.</summary>
public readonly struct ArrayView1D<T, TStride> where T : unmanaged where TStride : struct, IStride1D {
    /// <summary>A view over a plain one.</summary>
    public ArrayView1D(ArrayView<T> baseView, LongIndex1D extent, TStride stride) =>
        (BaseView, Extent, Stride) = (baseView, extent, stride);

    /// <summary>The memory.</summary>
    public ArrayView<T> BaseView { get; }

    /// <summary>The number of elements.</summary>
    public LongIndex1D Extent { get; }

    /// <summary>The stride.</summary>
    public TStride Stride { get; }

    /// <summary>The number of elements, as a 32-bit index.</summary>
    public Index1D IntExtent => (Index1D)Extent;

    /// <summary>Whether the view points to memory.</summary>
    public bool IsValid => BaseView.IsValid;

    /// <summary>The number of elements.</summary>
    public long Length => Extent.X;

    /// <summary>The number of elements, in 32 bits.</summary>
    public int IntLength => checked((int)Extent.X);

    /// <summary>The size in bytes.</summary>
    public long LengthInBytes => BaseView.LengthInBytes;

    /// <summary>The element at an index.</summary>
    public ref T this[Index1D index] => ref BaseView[index.X * Stride.XStride];

    /// <summary>The element at an index.</summary>
    public ref T this[LongIndex1D index] => ref BaseView[index.X * Stride.XStride];

    /// <summary>Some elements from an index on.</summary>
    public ArrayView1D<T, TStride> SubView(Index1D index, Index1D extent) =>
        new(BaseView.SubView(index.X * Stride.XStride, extent.X * Stride.XStride), extent, Stride);

    /// <summary>Some elements from an index on.</summary>
    public ArrayView1D<T, TStride> SubView(LongIndex1D index, LongIndex1D extent) =>
        new(BaseView.SubView(index.X * Stride.XStride, extent.X * Stride.XStride), extent, Stride);
}
