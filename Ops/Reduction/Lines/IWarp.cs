using ILGPU;

namespace DenseEngine.Ops;

/// <summary>How neighbouring threads of a group exchange values without shared memory, as a type that kernels are specialised for: an
/// OpenCL device may have no way.</summary>
internal interface IWarp {
    /// <summary>How many neighbouring threads can, a power of two.</summary>
    static abstract int Width { get; }

    /// <summary>The value of the thread whose number differs in the bits of <paramref name="distance"/>, below the width. All threads of a
    /// warp must ask.</summary>
    static abstract float Swap(float own, int distance);

    /// <summary>The same of integers.</summary>
    static abstract int Swap(int own, int distance);
}

/// <summary>The threads of a warp shuffle.</summary>
internal readonly struct Shuffles : IWarp {
    public static int Width => Warp.WarpSize;
    public static float Swap(float own, int distance) => Warp.ShuffleXor(own, distance);
    public static int Swap(int own, int distance) => Warp.ShuffleXor(own, distance);
}

/// <summary>All goes through shared memory.</summary>
internal readonly struct NoShuffles : IWarp {
    public static int Width => 1;
    public static float Swap(float own, int distance) => own;
    public static int Swap(int own, int distance) => own;
}
