namespace DenseEngine.Ops;

/// <summary>Sizes of a norm over groups of channels, x being [Images, Rows, Channels], and how its kernels share the work.</summary>
internal readonly struct NormGeometry {
    /// <summary>Rows of a part at least, and how many parts of an image are enough.</summary>
    private const int LeastRows = 64, ManyParts = 128;

    /// <summary>Sizes, and groups of neighbouring channels.</summary>
    public readonly int Images, Rows, Channels, Groups;

    /// <summary>1 where a thread takes four channels at once; how many it takes.</summary>
    public readonly int Vectors, Width;

    /// <summary>Rows of a part, and parts of an image.</summary>
    public readonly int PartRows, Parts;

    public NormGeometry(int images, int rows, int channels, int groups) {
        (Images, Rows, Channels, Groups) = (images, rows, channels, groups);
        Vectors = channels % 4 == 0 ? 1 : 0;
        Width = Vectors != 0 ? 4 : 1;
        PartRows = Math.Max(LeastRows, (rows + ManyParts - 1) / ManyParts);
        Parts = (rows + PartRows - 1) / PartRows;
    }

    /// <summary>Threads that share the channels.</summary>
    public int Lanes => Channels / Width;

    /// <summary>Threads for all parts.</summary>
    public int PartThreads => Images * Parts * Lanes;

    /// <summary>Threads for all elements.</summary>
    public int ElementThreads => Images * Rows * Lanes;

    /// <summary>Rows of an image's part.</summary>
    public int RowsOf(int part) => Math.Min(PartRows, Rows - part * PartRows);

    /// <summary>Groups that a thread group of the merge takes: four where each is one channel, so that a vector holds one of
    /// each.</summary>
    public int MergedGroups => Vectors != 0 && Channels == Groups ? 4 : 1;

    /// <summary>Whether the merge reads vectors.</summary>
    public bool MergesVectors => Vectors != 0 && (Channels == Groups || Channels / Groups % 4 == 0);

    /// <summary>Where a part's origins are kept, of all channels; its means, as distances from them, follow, then its sums of
    /// squares.</summary>
    public int PartialPlace(int part, int channel) => part * 3 * Channels + channel;
}
