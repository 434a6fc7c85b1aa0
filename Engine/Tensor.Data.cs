using System.Runtime.InteropServices;

namespace DenseEngine;

public sealed partial class Tensor {
    /// <summary>A tensor with a copy of the given elements, in row-major order.</summary>
    /// <exception cref="ShapeException">Their number is not the shape's.</exception>
    public static Tensor From(ReadOnlySpan<float> values, Shape shape, Device? device = null) =>
        Upload(values, shape, DType.Float32, device);

    /// <summary>A tensor with a copy of the given integers, in row-major order.</summary>
    /// <exception cref="ShapeException">Their number is not the shape's.</exception>
    public static Tensor From(ReadOnlySpan<int> values, Shape shape, Device? device = null) => Upload(values, shape, DType.Int32, device);

    /// <summary>A scalar (rank 0).</summary>
    public static Tensor Scalar(float value, Device? device = null) => From([value], new Shape(), device);

    /// <summary>A tensor of zeros.</summary>
    public static Tensor Zeros(Shape shape, DType type = DType.Float32, Device? device = null) {
        var tensor = new Tensor(device ?? HostDevice.Default, shape, type);
        tensor.Device.Fill(tensor, 0);
        return tensor;
    }

    /// <summary>A tensor whose elements all have one value.</summary>
    public static Tensor Full(Shape shape, float value, Device? device = null) {
        var tensor = new Tensor(device ?? HostDevice.Default, shape);
        tensor.Device.Fill(tensor, value);
        return tensor;
    }

    /// <summary>A float32 tensor on the host whose contents are made when they are first needed. Until then it takes no memory, and what is
    /// derived from it (<see cref="Derived"/>) is made from contents that are freed again.</summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="fill">Fills the tensor that it is given; called again for each thing derived, by several threads perhaps.</param>
    public static Tensor Later(Shape shape, Action<Tensor> fill) {
        HostDevice device = HostDevice.Default;
        return new Tensor(new Storage(device, new LaterContents(device, shape, fill)), shape, DType.Float32);
    }

    private static Tensor Upload<T>(ReadOnlySpan<T> values, Shape shape, DType type, Device? device) where T : unmanaged {
        Check.That(values.Length == shape.Count,
            $"Tensor.From: {values.Length} values do not fill shape {shape} of {shape.Count} elements.");
        device ??= HostDevice.Default;
        var tensor = new Tensor(device, shape, type);
        device.Upload(MemoryMarshal.AsBytes(values), tensor);
        return tensor;
    }

    /// <summary>The elements in host memory, to read and write; valid while the tensor lives. Who writes after handing the tensor out
    /// calls <see cref="MarkChanged"/>.</summary>
    /// <exception cref="DeviceException">The tensor is not on the host.</exception>
    public unsafe Span<float> Span => new(Address(DType.Float32), Count);

    /// <summary>The integers in host memory.</summary>
    /// <exception cref="DeviceException">The tensor is not on the host.</exception>
    public unsafe Span<int> IntSpan => new(Address(DType.Int32), Count);

    /// <summary>The address of the first element in host memory, for host paths of operations; valid while the tensor lives.</summary>
    public unsafe float* Pointer => (float*)Address(DType.Float32);

    /// <summary>The address of the first integer in host memory.</summary>
    public unsafe int* IntPointer => (int*)Address(DType.Int32);

    /// <summary>The elements as an array of their own, fetched from the device.</summary>
    public float[] ToArray() => Download<float>(DType.Float32);

    /// <summary>The integers as an array of their own, fetched from the device.</summary>
    public int[] ToIntArray() => Download<int>(DType.Int32);

    /// <summary>The value of a tensor with a single element.</summary>
    /// <exception cref="ShapeException">There is more than one element, or none.</exception>
    public float Item() {
        Check.That(Count == 1, $"Item: the tensor has shape {Shape}; one element is needed.");
        return ToArray()[0];
    }

    private T[] Download<T>(DType type) where T : unmanaged {
        Check.That(DType == type, $"The tensor {this} does not hold {type}.");
        var values = new T[Count];
        Device.Download(this, MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    private unsafe void* Address(DType type) {
        Check.That(DType == type, $"The tensor {this} does not hold {type}.");
        if (Device is not HostDevice)
            throw new DeviceException(
                $"The tensor {this} is on {Device.Name}; its elements can be read there only. Move it with To(HostDevice.Default).");
        return (void*)Storage.Block;
    }
}
