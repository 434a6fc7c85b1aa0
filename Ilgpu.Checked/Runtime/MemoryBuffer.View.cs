namespace ILGPU.Runtime;

/// <summary>Device memory with a view of all of it.</summary>
public class MemoryBuffer<TView> : MemoryBuffer where TView : struct {
    private protected MemoryBuffer(Accelerator accelerator, long length, int elementSize) : base(accelerator, length, elementSize) { }

    /// <summary>A view of all of it.</summary>
    public TView View { get; private protected set; }

    /// <summary>A view of a buffer.</summary>
    public static implicit operator TView(MemoryBuffer<TView> buffer) => buffer.View;
}
