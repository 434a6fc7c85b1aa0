using System.Collections.Immutable;

namespace ILGPU.Runtime.CPU;

/// <summary>A processor that plays a GPU of a given geometry, and checks every access of the kernels it runs.</summary>
public sealed class CPUDevice : Device {
    /// <summary>Warps of 4, groups of up to 16: what ILGPU takes if nothing is said.</summary>
    public static readonly CPUDevice Default = new(4, 4, 1);

    /// <summary>Warps of 32, groups of up to 1,024.</summary>
    public static readonly CPUDevice Nvidia = new(32, 32, 1);

    /// <summary>Warps of 32, groups of up to 256.</summary>
    public static readonly CPUDevice AMD = new(32, 8, 1);

    /// <summary>Warps of 64, groups of up to 256.</summary>
    public static readonly CPUDevice LegacyAMD = new(64, 4, 1);

    /// <summary>Warps of 16, groups of up to 128.</summary>
    public static readonly CPUDevice Intel = new(16, 8, 1);

    /// <summary>All of these.</summary>
    public static readonly ImmutableArray<CPUDevice> All = [Default, Nvidia, AMD, LegacyAMD, Intel];

    /// <summary>A device of a given geometry; the warp size is a power of two.</summary>
    public CPUDevice(int numThreadsPerWarp, int numWarpsPerMultiprocessor, int numMultiprocessors) {
        if (numThreadsPerWarp < 2 || !int.IsPow2(numThreadsPerWarp)) throw new ArgumentOutOfRangeException(nameof(numThreadsPerWarp));
        ArgumentOutOfRangeException.ThrowIfLessThan(numWarpsPerMultiprocessor, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(numMultiprocessors, 1);
        AcceleratorType = AcceleratorType.CPU;
        Name = "CPUAccelerator";
        MemorySize = Checking.Arena.DefaultBytes;
        WarpSize = numThreadsPerWarp;
        NumMultiprocessors = numMultiprocessors;
        MaxNumThreadsPerGroup = MaxNumThreadsPerMultiprocessor = numThreadsPerWarp * numWarpsPerMultiprocessor;
        MaxGroupSize = new Index3D(MaxNumThreadsPerGroup);
        MaxGridSize = new Index3D(int.MaxValue, ushort.MaxValue, ushort.MaxValue);
        MaxSharedMemoryPerGroup = Checking.Arena.SharedBytes;
    }

    /// <inheritdoc/>
    public override Accelerator CreateAccelerator(Context context) => CreateCPUAccelerator(context);

    /// <summary>An accelerator on this device.</summary>
    public CPUAccelerator CreateCPUAccelerator(Context context) => new(context, this);
}
