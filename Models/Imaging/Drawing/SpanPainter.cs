namespace DenseEngine.Models;

/// <summary>
/// Fills shapes by horizontal lines, four to a row of pixels: each line's covered stretches are added up exactly, and a pixel takes the
/// colour in proportion to how much of it is covered. A shape walks <see cref="Lines"/> and calls <see cref="Cover"/> for each stretch.
/// </summary>
internal sealed class SpanPainter(Picture picture) {
    private const int LinesPerRow = 4;

    private readonly double[] coverage = new double[picture.Width];   // of the row being drawn, in lines
    private int first, end;                                           // its columns that are not zero

    /// <summary>The heights of the lines between two limits, within the picture; rows are painted as the walk leaves them.</summary>
    public IEnumerable<double> Lines(double top, double bottom, Bgr color) {
        int firstRow = (int)Math.Floor(Math.Clamp(top, 0, picture.Height));
        int endRow = (int)Math.Ceiling(Math.Clamp(bottom, 0, picture.Height));
        for (int row = firstRow; row < endRow; row++) {
            (first, end) = (picture.Width, 0);
            for (int line = 0; line < LinesPerRow; line++) {
                double y = row + (line + 0.5) / LinesPerRow;
                if (y >= top && y < bottom) yield return y;
            }
            Paint(row, color);
        }
    }

    /// <summary>Adds the stretch from one position to another to the line being drawn.</summary>
    public void Cover(double from, double to) {
        from = Math.Clamp(from, 0, picture.Width);
        to = Math.Clamp(to, 0, picture.Width);
        if (!(from < to)) return;
        int left = (int)from, right = Math.Min((int)to, picture.Width - 1);
        (first, end) = (Math.Min(first, left), Math.Max(end, right + 1));
        if (left == right) {
            coverage[left] += to - from;
            return;
        }
        coverage[left] += left + 1 - from;
        for (int x = left + 1; x < right; x++) coverage[x]++;
        coverage[right] += to - right;
    }

    /// <summary>Fills whole pixels of a row; the columns lie within the picture.</summary>
    public void FillWhole(int row, int from, int to, Bgr color) {
        Span<byte> pixels = picture.Pixels.AsSpan(3 * (row * picture.Width + from), 3 * (to - from));
        for (int i = 0; i + 2 < pixels.Length; i += 3) (pixels[i], pixels[i + 1], pixels[i + 2]) = (color.Blue, color.Green, color.Red);
    }

    private void Paint(int row, Bgr color) {
        Span<byte> pixels = picture.Pixels.AsSpan(3 * row * picture.Width, 3 * picture.Width);
        for (int x = first; x < end; x++) {
            int weight = (int)(coverage[x] * (256 / LinesPerRow) + 0.5);
            coverage[x] = 0;
            pixels[3 * x] = Mix(pixels[3 * x], color.Blue, weight);
            pixels[3 * x + 1] = Mix(pixels[3 * x + 1], color.Green, weight);
            pixels[3 * x + 2] = Mix(pixels[3 * x + 2], color.Red, weight);
        }
    }

    private static byte Mix(byte old, byte fresh, int weight) => (byte)((old * (256 - weight) + fresh * weight + 128) >> 8);
}
