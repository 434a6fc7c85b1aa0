namespace DenseEngine;

/// <summary>Memory of the host for the time of an operation: a slot for each item of a loop that can run at once.</summary>
public readonly unsafe struct HostScratch : IDisposable {
    private const int Alignment = 16;   // floats in a line of the cache

    private readonly BlockPool pool;
    private readonly nint block, slot;
    private readonly long size;

    /// <summary>Slots for a loop.</summary>
    /// <param name="host">Whose workers run it.</param>
    /// <param name="items">How many items it has.</param>
    /// <param name="length">Floats in a slot.</param>
    /// <exception cref="OutOfDeviceMemoryException">There is no memory for them.</exception>
    public HostScratch(HostDevice host, int items, int length) {
        pool = host.Pool;
        slot = (nint)((length + Alignment - 1L) / Alignment * Alignment);
        long bytes = slot * sizeof(float) * (long)(items > 1 ? host.Workers.Count : 1);
        try {
            block = pool.Rent(bytes, out size);
        } catch (OutOfDeviceMemoryException e) {
            throw new OutOfDeviceMemoryException($"{host.Name}: there is no memory for an operation's {bytes} bytes of scratch: {pool}.",
                e);
        }
    }

    /// <summary>Where a slot begins (<see cref="ILoopBody.Run"/>).</summary>
    public float* this[int number] => (float*)block + number * slot;

    /// <summary>Gives the memory back.</summary>
    public void Dispose() => pool.Return(block, size);
}
