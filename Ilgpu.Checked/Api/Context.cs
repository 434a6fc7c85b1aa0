using System.Collections.Immutable;
using ILGPU.Runtime;

namespace ILGPU;

/// <summary>The devices that were found, and how kernels are compiled.</summary>
public sealed partial class Context : IDisposable {
    private readonly List<Accelerator> accelerators = [];

    private Context(Builder builder) {
        if (builder.Found.Count == 0) throw new NotSupportedException("No device was enabled on the builder, or none was found.");
        Devices = [.. builder.Found];
    }

    /// <summary>The devices, in the order in which they were enabled.</summary>
    public ImmutableArray<Device> Devices { get; }

    /// <summary>A builder to be finished with <see cref="Builder.ToContext"/>.</summary>
    public static Builder Create() => new();

    /// <summary>A context with the devices that the callback enables.</summary>
    public static Context Create(Action<Builder> buildingCallback) {
        var builder = new Builder();
        buildingCallback(builder);
        return builder.ToContext();
    }

    /// <summary>A context with all devices.</summary>
    public static Context CreateDefault() => Create(builder => builder.Default());

    /// <summary>The first CPU device, or the first of another kind if there is one and that is preferred.</summary>
    public Device GetPreferredDevice(bool preferCPU) =>
        Devices.FirstOrDefault(device => device.AcceleratorType != AcceleratorType.CPU && !preferCPU) ?? Devices[0];

    /// <summary>A device of a kind.</summary>
    public TDevice GetDevice<TDevice>(int deviceIndex) where TDevice : Device => Devices.OfType<TDevice>().ElementAt(deviceIndex);

    /// <summary>Enumerates the devices.</summary>
    public ImmutableArray<Device>.Enumerator GetEnumerator() => Devices.GetEnumerator();

    /// <summary>Disposes the accelerators too.</summary>
    public void Dispose() {
        foreach (Accelerator accelerator in accelerators) accelerator.Dispose();
        accelerators.Clear();
    }

    internal void Register(Accelerator accelerator) => accelerators.Add(accelerator);
}
