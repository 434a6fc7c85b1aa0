using ILGPU.Runtime;

namespace ILGPU;

/// <summary>A view of device memory.</summary>
public interface IArrayView {
    /// <summary>The buffer that the memory belongs to.</summary>
    MemoryBuffer Buffer { get; }

    /// <summary>Whether the view points to memory.</summary>
    bool IsValid { get; }

    /// <summary>The number of elements.</summary>
    long Length { get; }

    /// <summary>The size of an element in bytes.</summary>
    int ElementSize { get; }

    /// <summary>The size in bytes.</summary>
    long LengthInBytes { get; }
}

/// <summary>A view without gaps.</summary>
public interface IContiguousArrayView : IArrayView {
    /// <summary>The first element's index in the buffer.</summary>
    long Index { get; }

    /// <summary>The first element's byte in the buffer.</summary>
    long IndexInBytes { get; }
}

/// <summary>A view without gaps of a given element type.</summary>
public interface IContiguousArrayView<T> : IContiguousArrayView where T : unmanaged;
