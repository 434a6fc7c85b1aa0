namespace DenseEngine.Models;

/// <summary>A picture's heat maps while targets are drawn on them: a value for each cell and class.</summary>
/// <param name="values">[height, width, classes].</param>
/// <param name="height">Rows.</param>
/// <param name="width">Columns.</param>
/// <param name="classes">Maps.</param>
public readonly ref struct HeatMap(Span<float> values, int height, int width, int classes) {
    /// <summary>What is below this part of a kernel's largest value is 0: PyTorch's <c>finfo(float32).eps</c>, 2⁻²³.</summary>
    private const float Least = 1.1920929e-07f;

    private readonly Span<float> values = values;

    /// <summary>Draws a gaussian whose deviation is a sixth of its diameter; where something is drawn already, the larger value
    /// stays.</summary>
    /// <param name="label">The map.</param>
    /// <param name="x">The peak's column, inside the map.</param>
    /// <param name="y">Its row.</param>
    /// <param name="radius">In cells; 0 for the peak alone.</param>
    /// <param name="peak">The largest value.</param>
    public void Draw(int label, int x, int y, int radius, float peak = 1) {
        Check.That(x >= 0 && x < width && y >= 0 && y < height && label >= 0 && label < classes,
            $"HeatMap: the peak at column {x}, row {y} of map {label} is outside of {classes} maps of {height}×{width} cells.");
        float[] kernel = Kernel(radius, (2 * radius + 1) / 6.0);
        int size = 2 * radius + 1, last = Math.Min(height - 1, y + radius), right = Math.Min(width - 1, x + radius);
        for (int row = Math.Max(0, y - radius); row <= last; row++) {
            for (int column = Math.Max(0, x - radius); column <= right; column++) {
                ref float value = ref values[(row * width + column) * classes + label];
                value = MathF.Max(value, kernel[(row - y + radius) * size + column - x + radius] * peak);
            }
        }
    }

    /// <summary>e^(-(x² + y²) / 2σ²) for x and y from -radius to radius.</summary>
    /// <param name="radius">In cells.</param>
    /// <param name="sigma">σ, in cells.</param>
    /// <returns>[2·radius + 1, 2·radius + 1].</returns>
    public static float[] Kernel(int radius, double sigma) {
        int size = 2 * radius + 1;
        float[] kernel = new float[size * size];
        for (int y = -radius; y <= radius; y++) {
            for (int x = -radius; x <= radius; x++) {
                float value = (float)Math.Exp(-(x * x + y * y) / (2 * sigma * sigma));
                kernel[(y + radius) * size + x + radius] = value < Least ? 0 : value;
            }
        }
        return kernel;
    }
}
