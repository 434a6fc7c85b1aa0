using ILGPU.Checking;

namespace ILGPU;

/// <summary>The current thread's place in its group, and the group's barriers. In kernels only: the rewritten kernel asks the thread's
/// own context instead of these methods.</summary>
public static class Group {
    /// <summary>The thread's X index.</summary>
    public static int IdxX => throw Faults.NotInKernel();

    /// <summary>The thread's Y index.</summary>
    public static int IdxY => throw Faults.NotInKernel();

    /// <summary>The thread's Z index.</summary>
    public static int IdxZ => throw Faults.NotInKernel();

    /// <summary>The thread's index.</summary>
    public static Index3D Index => throw Faults.NotInKernel();

    /// <summary>The group's size in X.</summary>
    public static int DimX => throw Faults.NotInKernel();

    /// <summary>The group's size in Y.</summary>
    public static int DimY => throw Faults.NotInKernel();

    /// <summary>The group's size in Z.</summary>
    public static int DimZ => throw Faults.NotInKernel();

    /// <summary>The group's size.</summary>
    public static Index3D Dimension => throw Faults.NotInKernel();

    /// <summary>The thread's index, X fastest.</summary>
    public static int LinearIndex => throw Faults.NotInKernel();

    /// <summary>Whether this is thread 0.</summary>
    public static bool IsFirstThread => throw Faults.NotInKernel();

    /// <summary>Whether this is the group's last thread.</summary>
    public static bool IsLastThread => throw Faults.NotInKernel();

    /// <summary>Waits for all threads of the group.</summary>
    public static void Barrier() => throw Faults.NotInKernel();

    /// <summary>Waits, and tells for how many threads the condition holds.</summary>
    public static int BarrierPopCount(bool predicate) => throw Faults.NotInKernel();

    /// <summary>Waits, and tells whether the condition holds for all threads.</summary>
    public static bool BarrierAnd(bool predicate) => throw Faults.NotInKernel();

    /// <summary>Waits, and tells whether the condition holds for any thread.</summary>
    public static bool BarrierOr(bool predicate) => throw Faults.NotInKernel();

    /// <summary>Waits, and gives all threads the value of one.</summary>
    public static T Broadcast<T>(T value, int groupIndex) where T : unmanaged => throw Faults.NotInKernel();
}
