namespace DenseEngine.Ops;

/// <summary>The sizes of a tile of <see cref="Op.TileThreads"/> threads, as a type that kernels are specialised for. A thread has 4 by 4
/// results of each 64 by 64 of the tile.</summary>
internal interface ITileShape {
    /// <summary>Rows, and columns, of results: 64 or 128.</summary>
    static abstract int Rows { get; }

    /// <inheritdoc cref="Rows"/>
    static abstract int Columns { get; }

    /// <summary>Inner places that a step takes, 8 or 16: the larger side's are one load of four values a thread.</summary>
    static abstract int Step { get; }

    /// <summary>Groups that a multiprocessor shall hold at once: the compiler gives a thread no more registers than this allows (64 Ki
    /// registers are there). Checked in machine code to spill nothing (docs/kernels.md).</summary>
    static abstract int Together { get; }

    /// <summary>Whether all loads are of four values at once, as both sides must then allow.</summary>
    static abstract bool OnlyFours { get; }
}

/// <summary>For products of few results: they fill more of the device. 2 loads of 16 bytes from shared memory for 16 products.</summary>
internal readonly struct Tile64x64<TAccess> : ITileShape where TAccess : struct, ITileAccess {
    public static int Rows => 64;
    public static int Columns => 64;
    public static int Step => 16;
    public static int Together => 4;
    public static bool OnlyFours => TAccess.OnlyFours;
}

/// <summary>For products of few columns. 3 loads for 32 products.</summary>
internal readonly struct Tile128x64 : ITileShape {
    public static int Rows => 128;
    public static int Columns => 64;
    public static int Step => 8;
    public static int Together => 2;
    public static bool OnlyFours => true;
}

/// <summary>For products of few rows.</summary>
internal readonly struct Tile64x128 : ITileShape {
    public static int Rows => 64;
    public static int Columns => 128;
    public static int Step => 8;
    public static int Together => 2;
    public static bool OnlyFours => true;
}

/// <summary>For large products. 4 loads for 64 products.</summary>
internal readonly struct Tile128x128 : ITileShape {
    public static int Rows => 128;
    public static int Columns => 128;
    public static int Step => 8;
    public static int Together => 2;
    public static bool OnlyFours => true;
}
