namespace DenseEngine.Training;

/// <summary>A shape of a scene: its class and its box (x1 y1 x2 y2, pixels, of the whole outline,
/// also where another shape covers it).</summary>
public readonly record struct SceneShape(ShapeKind Kind, double X1, double Y1, double X2, double Y2);

/// <summary>A picture of the demonstration: one to five shapes, which may cover each other in part, on a textured background. The same
/// seed and number give the same picture everywhere.</summary>
public sealed class ShapeScene {
    private const int Samples = 4;              // a side, in each pixel: smooth edges, and boxes to a quarter of a pixel
    private const double SmallestRadius = 12, LargestRadius = 56;
    private const double LargestTurn = 0.25;    // radians, either way
    private const double LeastVisible = 0.85;   // of each shape, after those on top of it
    private const double LeastContrast = 105;   // between a shape's colour and the background's, in one channel at least

    private readonly Philox random;
    private readonly int[] owner;
    private readonly List<SceneShape> shapes = [];
    private readonly List<int> areas = [];

    /// <summary>Draws a scene.</summary>
    /// <param name="size">Width and height in pixels.</param>
    /// <param name="seed">The set's seed.</param>
    /// <param name="number">The picture's number in the set.</param>
    public ShapeScene(int size, ulong seed, int number) {
        Size = size;
        random = new Philox(seed, (ulong)number);
        owner = new int[size * size];
        Array.Fill(owner, -1);
        Pixels = new byte[3 * size * size];
        double[] background = Colour();
        PaintBackground(background);
        int wanted = 1 + random.Next(5);
        for (int attempt = 0; shapes.Count < wanted && attempt < 50; attempt++) TryAddShape(background);
    }

    /// <summary>Width and height.</summary>
    public int Size { get; }

    /// <summary>Blue, green, red of each pixel, row by row.</summary>
    public byte[] Pixels { get; }

    /// <summary>What is in the picture, from the back to the front.</summary>
    public IReadOnlyList<SceneShape> Shapes => shapes;

    private double Uniform(double from, double until) => from + (until - from) * random.NextSingle();

    private double[] Colour() => [Uniform(20, 235), Uniform(20, 235), Uniform(20, 235)];

    /// <summary>Smooth noise in two sizes, and stripes on some pictures.</summary>
    private void PaintBackground(double[] colour) {
        var coarse = new ValueNoise(random, Size, 5);
        var fine = new ValueNoise(random, Size, 23);
        double[] tint = [Uniform(-40, 40), Uniform(-40, 40), Uniform(-40, 40)];
        double stripes = random.Next(2) * Uniform(4, 10), angle = Uniform(0, Math.PI), frequency = Uniform(0.15, 0.7);
        (double cos, double sin) = (Math.Cos(angle) * frequency, Math.Sin(angle) * frequency);
        for (int y = 0, i = 0; y < Size; y++)
            for (int x = 0; x < Size; x++, i++) {
                double slow = coarse.At(x, y),
                    common = 12 * fine.At(x, y) + stripes * Math.Sin(cos * x + sin * y) + 6 * random.NextSingle();
                for (int c = 0; c < 3; c++) Pixels[3 * i + c] = ToByte(colour[c] + tint[c] * slow + common);
            }
    }

    private void TryAddShape(double[] background) {
        var kind = (ShapeKind)random.Next(5);
        double radius = SmallestRadius * Math.Pow(LargestRadius / SmallestRadius, random.NextSingle()),
            angle = Uniform(-LargestTurn, LargestTurn);
        (double cx, double cy) = (Uniform(radius, Size - radius), Uniform(radius, Size - radius));
        double[] colour = Colour();
        while (colour.Zip(background, (a, b) => Math.Abs(a - b)).Max() < LeastContrast) colour = Colour();
        float[] coverage = Rasterise(kind, cx, cy, radius, angle, out SceneShape shape, out (int X, int Y, int Width, int Height) window);
        if (!LeavesOthersVisible(coverage, window)) return;
        Paint(coverage, window, colour);
        shapes.Add(shape);
    }

    /// <summary>The share of each pixel that the shape covers, in a window of the picture, and its box.</summary>
    private float[] Rasterise(ShapeKind kind, double cx, double cy, double radius, double angle, out SceneShape shape,
        out (int X, int Y, int Width, int Height) window) {
        int left = Math.Max(0, (int)(cx - radius)), top = Math.Max(0, (int)(cy - radius));
        window = (left, top, Math.Min(Size, (int)(cx + radius) + 2) - left, Math.Min(Size, (int)(cy + radius) + 2) - top);
        var coverage = new float[window.Width * window.Height];
        (double cos, double sin) = (Math.Cos(angle) / radius, Math.Sin(angle) / radius);
        (double x1, double y1, double x2, double y2) = (double.MaxValue, double.MaxValue, 0, 0);
        for (int row = 0; row < window.Height * Samples; row++) {
            double y = top + (row + 0.5) / Samples;
            for (int column = 0; column < window.Width * Samples; column++) {
                double x = left + (column + 0.5) / Samples, dx = x - cx, dy = y - cy;
                if (!ShapeOutline.Contains(kind, cos * dx + sin * dy, cos * dy - sin * dx)) continue;
                coverage[row / Samples * window.Width + column / Samples] += 1f / (Samples * Samples);
                (x1, y1) = (Math.Min(x1, x), Math.Min(y1, y));
                (x2, y2) = (Math.Max(x2, x), Math.Max(y2, y));
            }
        }
        double half = 0.5 / Samples;
        shape = new SceneShape(kind, x1 - half, y1 - half, x2 + half, y2 + half);
        return coverage;
    }

    private bool LeavesOthersVisible(float[] coverage, (int X, int Y, int Width, int Height) window) {
        int[] visible = new int[shapes.Count];
        foreach (int shape in owner) if (shape >= 0) visible[shape]++;
        for (int i = 0; i < coverage.Length; i++) {
            int under = owner[(window.Y + i / window.Width) * Size + window.X + i % window.Width];
            if (under >= 0 && coverage[i] > 0.5f) visible[under]--;
        }
        return visible.Select((left, shape) => left >= LeastVisible * areas[shape]).All(enough => enough);
    }

    /// <summary>The colour with grain and a soft light from one side.</summary>
    private void Paint(float[] coverage, (int X, int Y, int Width, int Height) window, double[] colour) {
        (double lightX, double lightY, int area) = (Uniform(-25, 25) / window.Width, Uniform(-25, 25) / window.Height, 0);
        for (int i = 0; i < coverage.Length; i++) {
            if (coverage[i] == 0) continue;
            (int x, int y) = (i % window.Width, i / window.Width);
            int pixel = (window.Y + y) * Size + window.X + x;
            double light = lightX * (x - window.Width / 2) + lightY * (y - window.Height / 2) + Uniform(-8, 8);
            for (int c = 0; c < 3; c++) {
                ref byte value = ref Pixels[3 * pixel + c];
                value = ToByte(value + coverage[i] * (colour[c] + light - value));
            }
            if (coverage[i] <= 0.5f) continue;
            owner[pixel] = shapes.Count;
            area++;
        }
        areas.Add(area);
    }

    private static byte ToByte(double value) => (byte)Math.Clamp(value + 0.5, 0, 255);
}
