namespace DenseEngine.Ops;

/// <summary>One tile of a product whose left side is read in place: its rows are evenly spaced, and each is made of stretches that are
/// evenly spaced too. A panel packed as <see cref="GemmKernel"/> says is such a strip, so are neighbouring pixels of a map, and the windows
/// over them. All distances are in numbers.</summary>
internal unsafe struct GemmStrip {
    /// <summary>The first number of the first row.</summary>
    public float* Left;

    /// <summary>Distance between rows, numbers of a stretch, stretches of a row (at least one), distance between them.</summary>
    public nint RowStride, Run, Lines, LineStride;

    /// <summary>What will be read next: it is brought near, a cache line for each number summed.</summary>
    public float* Ahead;

    /// <summary>The columns' panel at the strip's first number.</summary>
    public float* Right;

    /// <summary>What the sums start from; 0 as the distance for the same in each row.</summary>
    public float* Start;

    /// <inheritdoc cref="Start"/>
    public nint StartStride;

    /// <summary>Where the tile goes.</summary>
    public float* To;

    /// <inheritdoc cref="To"/>
    public nint ToStride;

    /// <summary>How far behind each result what is added to it lies; 0 for nothing.</summary>
    public nint Added;

    /// <summary>Whether a ReLU ends it.</summary>
    public bool Relu;

    /// <summary>Whether the results go past the caches, being more than these hold; they lie at whole cache lines then.</summary>
    public bool Past;
}
