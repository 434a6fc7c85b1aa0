namespace ILGPU;

/// <summary>Memory fences. They order nothing for the checks: only barriers and launches do.</summary>
public static class MemoryFence {
    /// <summary>A fence for the group.</summary>
    public static void GroupLevel() => Interlocked.MemoryBarrier();

    /// <summary>A fence for the device.</summary>
    public static void DeviceLevel() => Interlocked.MemoryBarrier();

    /// <summary>A fence for the system.</summary>
    public static void SystemLevel() => Interlocked.MemoryBarrier();
}
