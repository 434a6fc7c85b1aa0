namespace DenseEngine;

/// <summary>Where tensors live and operations run. Knows no operation, only what memory needs: fill, copy, add, transfer.</summary>
public abstract class Device {
    /// <summary>The device's name in messages and on the command line: <c>host</c>, <c>cuda:0</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The memory that tensors of this device are made of.</summary>
    public abstract BlockPool Pool { get; }

    /// <summary>Sets every element to a value (rounded for integers).</summary>
    public abstract void Fill(Tensor target, float value);

    /// <summary>Copies elements between two tensors of this device that have as many.</summary>
    public abstract void Copy(Tensor source, Tensor target);

    /// <summary>Adds the source's elements to the target's: how gradients accumulate.</summary>
    public abstract void AddInto(Tensor source, Tensor target);

    /// <summary>Copies bytes from host memory.</summary>
    public abstract void Upload(ReadOnlySpan<byte> source, Tensor target);

    /// <summary>Copies bytes to host memory, after all work that makes them.</summary>
    public abstract void Download(Tensor source, Span<byte> target);

    /// <summary>Copies a tensor of this device to one of another, by way of the host.</summary>
    public virtual void Transfer(Tensor source, Tensor target) {
        byte[] staging = new byte[4L * source.Count];
        Download(source, staging);
        target.Device.Upload(staging, target);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
