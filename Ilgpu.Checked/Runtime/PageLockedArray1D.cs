namespace ILGPU.Runtime;

/// <summary>A one-dimensional array of page-locked host memory.</summary>
public sealed class PageLockedArray1D<T> : PageLockedArray<T> where T : unmanaged {
    internal PageLockedArray1D(Accelerator accelerator, LongIndex1D extent) : base(accelerator, extent) { }

    /// <inheritdoc/>
    public override Span<T> Span => Elements;
}
