namespace DenseEngine.Ops;

/// <summary>How a tile reads its sides, as a type that kernels are specialised for: where two ways of loading meet, a device's compiler may
/// move what was loaded, and so wait for it.</summary>
internal interface ITileAccess {
    /// <summary>Whether four values at once and nothing else.</summary>
    static abstract bool OnlyFours { get; }
}

/// <summary>All lies at multiples of 16 bytes.</summary>
internal readonly struct OnlyFours : ITileAccess {
    static bool ITileAccess.OnlyFours => true;
}

/// <summary>It lies anyhow.</summary>
internal readonly struct Anyhow : ITileAccess {
    static bool ITileAccess.OnlyFours => false;
}
