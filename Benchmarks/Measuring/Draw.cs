namespace DenseEngine.Benchmarks;

/// <summary>Makes an input; the same for the same seed.</summary>
internal delegate Tensor Draw(int seed);

/// <summary>Inputs.</summary>
internal static class Draws {
    /// <summary>Random values repeat after so many: a prime number, so that no two lines of a map are alike.</summary>
    private const int Period = 65_521;

    /// <summary>Numbers between -0.5 and 0.5.</summary>
    public static Draw Map(params int[] sizes) => Between(-0.5f, 0.5f, sizes);

    /// <summary>Numbers between two.</summary>
    public static Draw Between(float from, float to, params int[] sizes) => seed => {
        var random = new Random(seed);
        var tensor = new Tensor(HostDevice.Default, new Shape(sizes));
        Span<float> span = tensor.Span;
        for (int i = 0; i < Math.Min(Period, span.Length); i++) span[i] = from + (to - from) * random.NextSingle();
        for (int i = Period; i < span.Length; i += Period) span[..Math.Min(Period, span.Length - i)].CopyTo(span[i..]);
        return tensor;
    };

    /// <summary>Integers from 0 to below a limit.</summary>
    public static Draw Index(int below, params int[] sizes) => seed => {
        var random = new Random(seed);
        var shape = new Shape(sizes);
        int[] values = new int[shape.Count];
        foreach (ref int value in values.AsSpan()) value = random.Next(below);
        return Tensor.From(values, shape);
    };

    /// <summary>Boxes [count, 4] of 8 to 200 pixels a side in a picture of 1344 by 800.</summary>
    public static Draw Boxes(int count) => seed => {
        var random = new Random(seed);
        float[] corners = new float[4 * count];
        for (int i = 0; i < corners.Length; i += 4) {
            (corners[i], corners[i + 1]) = (1144 * random.NextSingle(), 600 * random.NextSingle());
            (corners[i + 2], corners[i + 3]) = (corners[i] + 8 + 192 * random.NextSingle(), corners[i + 1] + 8 + 192 * random.NextSingle());
        }
        return Tensor.From(corners, [count, 4]);
    };

    /// <summary>The same of the first picture, [count, 5].</summary>
    public static Draw Rois(int count) => seed => {
        ReadOnlySpan<float> corners = Boxes(count)(seed).Span;
        float[] rois = new float[5 * count];
        for (int i = 0; i < count; i++) corners.Slice(4 * i, 4).CopyTo(rois.AsSpan(5 * i + 1));
        return Tensor.From(rois, [count, 5]);
    };
}
