namespace ILGPU.Runtime;

/// <summary>Makes page-locked arrays.</summary>
public static class PageLockedArrayExtensions {
    /// <summary>An array of some elements; their contents are undefined where that is asked for, else zero.</summary>
    public static PageLockedArray1D<T> AllocatePageLocked1D<T>(this Accelerator accelerator, LongIndex1D extent, bool uninitialized)
        where T : unmanaged {
        var array = new PageLockedArray1D<T>(accelerator, extent);
        if (!uninitialized) array.Span.Clear();
        return array;
    }
}
