using System.Reflection;

namespace ILGPU.Checking;

/// <summary>What calls of ILGPU's methods mean.</summary>
internal static class KernelCalls {
    /// <summary>How a method makes threads wait and exchange values; null if it does not.</summary>
    public static WaitKind? Wait(MethodBase method) => (method.DeclaringType!.Name, method.Name) switch {
        (nameof(Group), nameof(Group.Barrier)) => WaitKind.Barrier,
        (nameof(Group), nameof(Group.BarrierAnd)) => WaitKind.And,
        (nameof(Group), nameof(Group.BarrierOr)) => WaitKind.Or,
        (nameof(Group), nameof(Group.BarrierPopCount)) => WaitKind.PopCount,
        (nameof(Group), nameof(Group.Broadcast)) => WaitKind.GroupExchange,
        (nameof(Warp), nameof(Warp.Barrier)) => WaitKind.WarpBarrier,
        (nameof(Warp), nameof(Warp.Shuffle) or nameof(Warp.ShuffleDown) or nameof(Warp.ShuffleUp) or nameof(Warp.ShuffleXor)
            or nameof(Warp.Broadcast)) => WaitKind.WarpExchange,
        _ => null,
    };

    /// <summary>Whether a method gives values of its own: <see cref="Traits.Varies"/> if they differ between the threads of a group,
    /// <see cref="Traits.None"/> if they are the same for all; null if that depends on its arguments.</summary>
    public static Traits? Given(MethodBase method) {
        if (Wait(method) is { } kind) return kind == WaitKind.WarpExchange ? Traits.Varies : Traits.None;
        return method.DeclaringType!.Name switch {
            nameof(Grid) => method.Name.Contains("Global", StringComparison.Ordinal) ? Traits.Varies : Traits.None,
            nameof(Group) => method.Name.Contains("Dim", StringComparison.Ordinal) ? Traits.None : Traits.Varies,
            nameof(Warp) => method.Name == "get_WarpSize" ? Traits.None : Traits.Varies,
            nameof(Atomic) => Traits.Varies,
            _ => null,
        };
    }
}
