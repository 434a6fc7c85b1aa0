namespace DenseEngine.Models;

/// <summary>A component of a JPEG picture: luminance, a colour difference, …, at its own resolution.</summary>
/// <param name="id">What scans call it.</param>
/// <param name="horizontal">Its samples across, relative to the other components'.</param>
/// <param name="vertical">Its samples down, likewise.</param>
/// <param name="quantization">The number of its quantisation table.</param>
internal sealed class JpegComponent(int id, int horizontal, int vertical, int quantization) {
    /// <summary>Samples of a block's side.</summary>
    public const int Side = 8;

    /// <summary>Samples, and coefficients, of a block.</summary>
    public const int Block = Side * Side;

    public int Id => id;

    public int Horizontal { get; set; } = horizontal;

    public int Vertical { get; set; } = vertical;

    public int Quantization => quantization;

    /// <summary>Real samples: ceil(picture's width · horizontal / the most horizontal of all components).</summary>
    public int Width { get; private set; }

    /// <summary>Real samples, likewise.</summary>
    public int Height { get; private set; }

    /// <summary>Blocks that hold real samples: those that a scan of this component alone has.</summary>
    public int BlocksAcross => (Width + Side - 1) / Side;

    /// <summary>Likewise.</summary>
    public int BlocksDown => (Height + Side - 1) / Side;

    /// <summary>Blocks that hold real samples.</summary>
    public long Blocks => (long)BlocksAcross * BlocksDown;

    /// <summary>Blocks from one line of blocks to the next in memory: up to whole MCUs, and even, as two are transformed at once.</summary>
    public int BlockStride { get; private set; }

    /// <summary>The quantisation table in natural order, as it was at the component's first scan; null before.</summary>
    public short[]? Table { get; set; }

    /// <summary>For each coefficient (in zigzag order), how many of its low bits are not known yet; -1 before its first scan.</summary>
    public sbyte[] MissingBits { get; } = [.. Enumerable.Repeat((sbyte)-1, Block)];

    /// <summary>Takes the sizes that follow from the picture's.</summary>
    public void Place(int width, int height, int mostHorizontal, int mostVertical) {
        (Width, Height) = (Share(width, Horizontal, mostHorizontal), Share(height, Vertical, mostVertical));
        BlockStride = (Share(width, 1, Side * mostHorizontal) * Horizontal + 1) & ~1;
    }

    private static int Share(int size, int part, int whole) => (size * part + whole - 1) / whole;
}
