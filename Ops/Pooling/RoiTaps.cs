namespace DenseEngine.Ops;

/// <summary>What the samples of a box take from the map's pixels along an axis, bin by bin. Neighbouring samples share pixels: their shares
/// are added here, so that a bin reads each pixel once.</summary>
internal sealed class RoiTaps {
    private int[] pixels = new int[64];
    private float[] shares = new float[64];
    private int[] ends = [];

    /// <summary>The pixels and shares of all bins, one bin after the other.</summary>
    public ReadOnlySpan<int> Pixels => pixels;

    /// <summary>The pixels' shares.</summary>
    public ReadOnlySpan<float> Shares => shares;

    /// <summary>Where a bin's pixels begin.</summary>
    public int First(int bin) => bin == 0 ? 0 : ends[bin - 1];

    /// <summary>One past a bin's last pixel.</summary>
    public int End(int bin) => ends[bin];

    /// <summary>Takes the samples of an axis.</summary>
    public void Find(in RoiAxis axis) {
        if (ends.Length < axis.Bins) ends = new int[axis.Bins];
        int count = 0;
        for (int bin = 0; bin < axis.Bins; bin++) {
            int first = count, end = axis.EndSample(bin, axis.Size);
            for (int sample = axis.FirstSample(bin, -1); sample < end; sample++) {
                (int pixel, float next) = axis.Spot(bin, sample);
                if (pixel < 0) continue;
                Add(ref count, first, pixel, 1 - next);
                if (next > 0) Add(ref count, first, pixel + 1, next);
            }
            ends[bin] = count;
        }
    }

    /// <summary>Samples go along the axis, so that a pixel that was met is among the last two.</summary>
    private void Add(ref int count, int first, int pixel, float share) {
        for (int at = count - 1; at >= Math.Max(first, count - 2); at--) {
            if (pixels[at] != pixel) continue;
            shares[at] += share;
            return;
        }
        if (count == pixels.Length) {
            Array.Resize(ref pixels, 2 * count);
            Array.Resize(ref shares, 2 * count);
        }
        (pixels[count], shares[count]) = (pixel, share);
        count++;
    }
}
