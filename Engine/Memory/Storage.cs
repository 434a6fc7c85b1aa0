namespace DenseEngine;

/// <summary>A block of device memory shared by the tensors that view it (reshaped, detached, saved for a gradient), counted by reference.
/// The version counts changes in place, so that a gradient can tell that what it saved is still what it was.</summary>
internal sealed class Storage {
    private readonly long size;
    private readonly nint block;
    private readonly LaterContents? later;
    private int references;
    private DerivedValues? derived;

    public Storage(Device device, Shape shape, DType type) {
        Device = device;
        try {
            block = device.Pool.Rent(4L * shape.Count, out size);
            references = 1;
        } catch (OutOfDeviceMemoryException e) {
            throw new OutOfDeviceMemoryException(
                $"{device.Name}: there is no memory for a tensor {type} {shape} of {4L * shape.Count} bytes: {device.Pool}.", e);
        }
    }

    /// <summary>A storage without memory until its contents are needed.</summary>
    public Storage(HostDevice device, LaterContents contents) => (Device, later, references) = (device, contents, 1);

    /// <summary>Reached when the last handle was lost without being disposed.</summary>
    ~Storage() {
        if (references > 0 && later is null) Device.Pool.Return(block, size);
    }

    public Device Device { get; }

    /// <summary>The address on the host, or the device's own key for the block.</summary>
    public nint Block => later is null ? block : later.Block;

    public int Version {
        get;
        set {
            field = value;
            derived?.Clear();
        }
    }

    /// <summary>Whether one handle alone holds the block, so that it may be changed unseen.</summary>
    public bool IsExclusive => Volatile.Read(ref references) == 1;

    public Storage AddReference() {
        // Raised from zero, the block would go back to the pool twice.
        if (Interlocked.Increment(ref references) <= 1) throw new GraphException("A tensor's memory is used after it was freed.");
        return this;
    }

    public void Release() {
        if (Interlocked.Decrement(ref references) > 0) return;
        GC.SuppressFinalize(this);
        derived?.Clear();
        if (later is null) Device.Pool.Return(block, size);
        else later.Free();
    }

    /// <summary>Something computed from the contents, for as long as they stay the same.</summary>
    public T Derive<T>(object key, Func<T> make, object? stamp) where T : class, IDisposable =>
        LazyInitializer.EnsureInitialized(ref derived).Get(key, make, stamp, later);

    /// <summary>That, if it is there.</summary>
    public T? FindDerived<T>(object key, object? stamp) where T : class, IDisposable => Volatile.Read(ref derived)?.Find<T>(key, stamp);
}
