using System.Reflection;

namespace ILGPU.Checking;

/// <summary>What the rewritten kernel asks its thread's context instead of ILGPU's static classes.</summary>
internal static class Intrinsics {
    private static readonly Dictionary<(Type, string), string> Names = new() {
        [(typeof(Grid), "get_Index")] = nameof(ThreadContext.GridIndex),
        [(typeof(Grid), "get_Dimension")] = nameof(ThreadContext.GridDimension),
        [(typeof(Grid), "get_LinearIndex")] = nameof(ThreadContext.Group),
        [(typeof(Grid), "get_GlobalIndex")] = nameof(ThreadContext.GlobalIndex),
        [(typeof(Grid), "get_GlobalLinearIndex")] = nameof(ThreadContext.GlobalLinearIndex),
        [(typeof(Group), "get_Index")] = nameof(ThreadContext.GroupIndex),
        [(typeof(Group), "get_Dimension")] = nameof(ThreadContext.GroupDimension),
        [(typeof(Group), "get_LinearIndex")] = nameof(ThreadContext.Thread),
        [(typeof(Group), "get_IsFirstThread")] = nameof(ThreadContext.IsFirstThread),
        [(typeof(Group), "get_IsLastThread")] = nameof(ThreadContext.IsLastThread),
        [(typeof(Warp), "get_WarpSize")] = nameof(ThreadContext.WarpSize),
        [(typeof(Warp), "get_LaneIdx")] = nameof(ThreadContext.LaneIndex),
        [(typeof(Warp), "get_WarpIdx")] = nameof(ThreadContext.WarpIndex),
        [(typeof(Warp), "get_IsFirstLane")] = nameof(ThreadContext.IsFirstLane),
        [(typeof(Warp), "get_IsLastLane")] = nameof(ThreadContext.IsLastLane),
    };

    /// <summary>The context's property for a getter, and the component of it that is meant (X, Y, Z), if one is; null for other
    /// methods.</summary>
    public static (MethodInfo Getter, MethodInfo? Component)? Getter(MethodBase method) {
        if (Names.TryGetValue((method.DeclaringType!, method.Name), out string? name)) return (Property<ThreadContext>(name), null);
        bool group = method.DeclaringType == typeof(Group);
        if (!group && method.DeclaringType != typeof(Grid)) return null;
        bool index = method.Name.StartsWith("get_Idx", StringComparison.Ordinal);
        if (!index && !method.Name.StartsWith("get_Dim", StringComparison.Ordinal) || method.Name.Length != 8) return null;
        string whole = (group, index) switch {
            (true, true) => nameof(ThreadContext.GroupIndex),
            (true, false) => nameof(ThreadContext.GroupDimension),
            (false, true) => nameof(ThreadContext.GridIndex),
            (false, false) => nameof(ThreadContext.GridDimension),
        };
        return (Property<ThreadContext>(whole), Property<Index3D>(method.Name[^1..]));
    }

    public static ExchangeKind Exchange(MethodBase method) => method.Name switch {
        nameof(Warp.ShuffleDown) => ExchangeKind.Down,
        nameof(Warp.ShuffleUp) => ExchangeKind.Up,
        nameof(Warp.ShuffleXor) => ExchangeKind.Xor,
        _ => method.DeclaringType == typeof(Group) ? ExchangeKind.Thread : ExchangeKind.Lane,
    };

    public static MethodInfo Context(string name) =>
        typeof(ThreadContext).GetMethod(name, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)!;

    private static MethodInfo Property<T>(string name) => typeof(T).GetProperty(name)!.GetMethod!;
}
