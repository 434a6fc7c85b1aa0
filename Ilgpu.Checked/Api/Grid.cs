using ILGPU.Checking;

namespace ILGPU;

/// <summary>The current group's place in the grid. In kernels only.</summary>
public static class Grid {
    /// <summary>The group's X index.</summary>
    public static int IdxX => throw Faults.NotInKernel();

    /// <summary>The group's Y index.</summary>
    public static int IdxY => throw Faults.NotInKernel();

    /// <summary>The group's Z index.</summary>
    public static int IdxZ => throw Faults.NotInKernel();

    /// <summary>The group's index.</summary>
    public static Index3D Index => throw Faults.NotInKernel();

    /// <summary>The number of groups in X.</summary>
    public static int DimX => throw Faults.NotInKernel();

    /// <summary>The number of groups in Y.</summary>
    public static int DimY => throw Faults.NotInKernel();

    /// <summary>The number of groups in Z.</summary>
    public static int DimZ => throw Faults.NotInKernel();

    /// <summary>The number of groups.</summary>
    public static Index3D Dimension => throw Faults.NotInKernel();

    /// <summary>The group's index, X fastest.</summary>
    public static int LinearIndex => throw Faults.NotInKernel();

    /// <summary>The thread's index in the grid.</summary>
    public static Index3D GlobalIndex => throw Faults.NotInKernel();

    /// <summary>The thread's index in the grid: group after group.</summary>
    public static int GlobalLinearIndex => throw Faults.NotInKernel();
}
