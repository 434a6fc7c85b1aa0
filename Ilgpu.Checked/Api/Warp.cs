using ILGPU.Checking;

namespace ILGPU;

/// <summary>The current thread's place in its warp, and the exchange of values in it. In kernels only.</summary>
public static class Warp {
    /// <summary>The number of lanes.</summary>
    public static int WarpSize => throw Faults.NotInKernel();

    /// <summary>The thread's lane.</summary>
    public static int LaneIdx => throw Faults.NotInKernel();

    /// <summary>Whether this is lane 0.</summary>
    public static bool IsFirstLane => throw Faults.NotInKernel();

    /// <summary>Whether this is the last lane.</summary>
    public static bool IsLastLane => throw Faults.NotInKernel();

    /// <summary>The warp's index in its group.</summary>
    public static int WarpIdx => throw Faults.NotInKernel();

    /// <summary>Waits for the lanes of the warp.</summary>
    public static void Barrier() => throw Faults.NotInKernel();

    /// <summary>The value of a lane.</summary>
    public static T Shuffle<T>(T variable, int sourceLane) where T : unmanaged => throw Faults.NotInKernel();

    /// <summary>The value of the lane that many places after this one; one's own past the end.</summary>
    public static T ShuffleDown<T>(T variable, int delta) where T : unmanaged => throw Faults.NotInKernel();

    /// <summary>The value of the lane that many places before this one; one's own past the start.</summary>
    public static T ShuffleUp<T>(T variable, int delta) where T : unmanaged => throw Faults.NotInKernel();

    /// <summary>The value of the lane whose index differs by the bits of the mask.</summary>
    public static T ShuffleXor<T>(T variable, int mask) where T : unmanaged => throw Faults.NotInKernel();

    /// <summary>The value of one lane, for all.</summary>
    public static T Broadcast<T>(T value, int sourceLane) where T : unmanaged => throw Faults.NotInKernel();
}
