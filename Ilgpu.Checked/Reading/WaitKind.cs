namespace ILGPU.Checking;

/// <summary>What a thread waits for.</summary>
internal enum WaitKind {
    /// <summary>All threads of the group.</summary>
    Barrier,

    /// <summary>All threads, and whether a condition holds for all.</summary>
    And,

    /// <summary>All threads, and whether a condition holds for any.</summary>
    Or,

    /// <summary>All threads, and for how many a condition holds.</summary>
    PopCount,

    /// <summary>All threads, and the value of one.</summary>
    GroupExchange,

    /// <summary>The lanes of the warp.</summary>
    WarpBarrier,

    /// <summary>The lanes of the warp, and the value of one.</summary>
    WarpExchange,
}
