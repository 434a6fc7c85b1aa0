namespace DenseEngine.Ops;

/// <summary>Sizes of a norm over groups of channels, x being [Images, Rows, Channels], and how its kernels share the work.</summary>
internal readonly struct NormGeometry {
    /// <summary>Neighbouring rows that a thread normalises.</summary>
    public const int BlockRows = 4;

    /// <summary>Sizes, and groups of neighbouring channels.</summary>
    public readonly int Images, Rows, Channels, Groups;

    /// <summary>1 where four channels from a multiple of four on begin at a multiple of four.</summary>
    public readonly int Vectors;

    /// <summary>Groups of up to four neighbouring channels.</summary>
    public readonly int Lanes;

    /// <summary>How sums over the rows are cut.</summary>
    public readonly ColumnCut Cut;

    public NormGeometry(int images, int rows, int channels, int groups) {
        (Images, Rows, Channels, Groups) = (images, rows, channels, groups);
        Vectors = channels % 4 == 0 ? 1 : 0;
        Lanes = (channels + 3) >> 2;
        Cut = new ColumnCut(images, rows, Lanes);
    }

    /// <summary>Images times channels.</summary>
    public int Cells => Images * Channels;

    /// <summary>Blocks of neighbouring rows in an image.</summary>
    private int RowBlocks => (Rows + BlockRows - 1) / BlockRows;

    /// <summary>Threads for all elements.</summary>
    public int BlockThreads => checked(Images * RowBlocks * Lanes);

    /// <summary>A thread's image, the first of its rows, and its first channel.</summary>
    public (int Image, int Row, int Channel) Block(int thread) {
        int block = thread / Lanes, image = block / RowBlocks;
        return (image, (block - image * RowBlocks) * BlockRows, 4 * (thread - block * Lanes));
    }

    /// <summary>Where a row's element stands; rows beyond an image's last count as that.</summary>
    public int At(int image, int row, int channel) => (image * Rows + Math.Min(row, Rows - 1)) * Channels + channel;

    /// <summary>Groups that a thread group of the merge takes: four where each is one channel, so that a vector holds one of
    /// each.</summary>
    public int MergedGroups => Vectors != 0 && Channels == Groups ? 4 : 1;

    /// <summary>Whether the merge reads vectors.</summary>
    public bool MergesVectors => Vectors != 0 && (Channels == Groups || Channels / Groups % 4 == 0);

    /// <summary>Where a part's origins are kept, of all channels; its means, as distances from them, follow, then its sums of
    /// squares.</summary>
    public int PartialPlace(int part, int channel) => part * 3 * Channels + channel;
}

/// <summary>What a norm's kernels have besides x, and what follows the norm; 1 for yes.</summary>
internal readonly record struct NormTerms(int HasWeight, int HasBias, int Rectifies, int HasAdded) {
    /// <summary>The terms of a norm, a ReLU and a sum.</summary>
    public static NormTerms Of(Tensor? weight, Tensor? bias, bool relu = false, Tensor? added = null) =>
        new(weight is null ? 0 : 1, bias is null ? 0 : 1, relu ? 1 : 0, added is null ? 0 : 1);
}
