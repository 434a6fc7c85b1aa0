namespace DenseEngine.Ops;

/// <summary>Where a box is sampled along one axis: bins side by side, and samples evenly in each. A sample takes from the two pixels around
/// it; up to a pixel outside the map it takes the border's, further out nothing. Shared by the host path and the kernels.</summary>
internal readonly struct RoiAxis {
    /// <summary>Where the first bin begins, in pixels, how long each is, and how far its samples are apart.</summary>
    private readonly float start, bin, step;

    /// <summary>Bins of the box, samples of each, and pixels of the map.</summary>
    public readonly int Bins, Samples, Size;

    /// <summary>The axis of a box.</summary>
    /// <param name="start">Where it begins, in pixels of the map.</param>
    /// <param name="length">How long it is; may be 0 or negative.</param>
    /// <param name="bins">Its bins.</param>
    /// <param name="samples">Samples of a bin; 0 for one for each begun pixel.</param>
    /// <param name="size">Pixels of the map.</param>
    public RoiAxis(float start, float length, int bins, int samples, int size) {
        (this.start, Bins, Size) = (start, bins, size);
        bin = length / bins;
        int whole = (int)bin;
        if (whole < bin) whole++;
        if (samples > 0) whole = samples;
        Samples = Math.Max(whole, 0);
        step = bin / Samples;
    }

    /// <summary>Whether pixels from First to End (exclusive) may have a sample; at times said of some that have none.</summary>
    public bool Reaches(int first, int end) {
        float other = start + Bins * bin;
        return Math.Min(start, other) <= end + 1 && Math.Max(start, other) >= first - 2;
    }

    /// <summary>The first bin that may have a sample at a position or behind it.</summary>
    public int FirstBin(int position) => bin > 0 ? Cut((position - start) / bin - 1, Bins) : 0;

    /// <summary>One past the last bin that may have a sample at a position or before it.</summary>
    public int EndBin(int position) => bin > 0 ? Cut((position - start) / bin + 2, Bins) : Bins;

    /// <summary>The first sample of a bin that may lie at a position or behind it.</summary>
    public int FirstSample(int inBin, int position) =>
        bin > 0 ? Cut((position - start - inBin * bin) / step - 1.5f, Samples) : 0;

    /// <summary>One past the last sample of a bin that may lie at a position or before it.</summary>
    public int EndSample(int inBin, int position) =>
        bin > 0 ? Cut((position - start - inBin * bin) / step + 1.5f, Samples) : Samples;

    private static int Cut(float value, int most) => value > 0 ? value < most ? (int)value : most : 0;

    /// <summary>A sample's pixel, and how much it takes from the next one; the pixel is -1 where it takes nothing. The next pixel is on the
    /// map where anything is taken from it.</summary>
    public (int Pixel, float Next) Spot(int inBin, int sample) {
        float at = start + inBin * bin + (sample + 0.5f) * bin / Samples;
        if (!(at >= -1 && at <= Size)) return (-1, 0);
        if (at <= 0) return (0, 0);
        int pixel = (int)at;
        return pixel >= Size - 1 ? (Size - 1, 0) : (pixel, at - pixel);
    }

    /// <summary>What the samples of a bin take from a pixel.</summary>
    public float Share(int inBin, int pixel) {
        float share = 0;
        int end = EndSample(inBin, pixel + 1);
        for (int sample = FirstSample(inBin, pixel - 1); sample < end; sample++) {
            (int at, float next) = Spot(inBin, sample);
            if (at == pixel) share += 1 - next;
            else if (at >= 0 && at == pixel - 1) share += next;
        }
        return share;
    }
}
