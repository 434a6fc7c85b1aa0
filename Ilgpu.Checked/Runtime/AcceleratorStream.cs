namespace ILGPU.Runtime;

/// <summary>A queue of work. Here everything is done when a call returns.</summary>
public abstract class AcceleratorStream : IDisposable {
    private protected AcceleratorStream(Accelerator accelerator) => Accelerator = accelerator;

    /// <summary>The accelerator.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>Whether it was disposed.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>Waits for the work in the queue.</summary>
    public void Synchronize() => ObjectDisposedException.ThrowIf(IsDisposed, this);

    /// <summary>Ends the queue.</summary>
    public void Dispose() {
        IsDisposed = true;
        GC.SuppressFinalize(this);
    }
}
