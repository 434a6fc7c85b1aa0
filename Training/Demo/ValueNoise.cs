namespace DenseEngine.Training;

/// <summary>Smooth noise from -1 to 1: random values on a coarse grid, blended between.</summary>
internal sealed class ValueNoise {
    private readonly int cells;
    private readonly double scale;
    private readonly float[] values;

    /// <summary>Draws (cells+1)² values for a square of the given size in pixels.</summary>
    public ValueNoise(Philox random, int size, int cells) {
        this.cells = cells;
        scale = (double)cells / size;
        values = new float[(cells + 1) * (cells + 1)];
        for (int i = 0; i < values.Length; i++) values[i] = 2 * random.NextSingle() - 1;
    }

    /// <summary>The noise at a pixel.</summary>
    public double At(int x, int y) {
        (double gx, double gy) = (x * scale, y * scale);
        (int ix, int iy) = ((int)gx, (int)gy);
        (double fx, double fy) = (Smooth(gx - ix), Smooth(gy - iy));
        int corner = iy * (cells + 1) + ix;
        double above = values[corner] + fx * (values[corner + 1] - values[corner]);
        double below = values[corner + cells + 1] + fx * (values[corner + cells + 2] - values[corner + cells + 1]);
        return above + fy * (below - above);
    }

    private static double Smooth(double t) => t * t * (3 - 2 * t);
}
