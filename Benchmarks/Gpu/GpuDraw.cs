namespace DenseEngine.Benchmarks;

/// <summary>Inputs that PyTorch's side draws alike (peer/gpu_items.py): a hash of each element's number and a seed.</summary>
internal static class GpuDraw {
    /// <summary>Numbers from one up to below another.</summary>
    public static float[] Values(int seed, int count, float from, float to) {
        float[] values = new float[count];
        uint start = unchecked((uint)seed * 2_654_435_769u);
        HostDevice.Default.Workers.ForRange(count, 1 << 16, (begin, end) => {
            for (int i = begin; i < end; i++) values[i] = from + (to - from) * Unit(unchecked((uint)i + start));
        });
        return values;
    }

    /// <summary>The same as a tensor of a device.</summary>
    public static Tensor Tensor(Device device, int seed, float from, float to, params ReadOnlySpan<int> sizes) {
        var shape = new Shape(sizes);
        return DenseEngine.Tensor.From(Values(seed, shape.Count, from, to), shape, device).Persist();
    }

    /// <summary>Labels: a class for one row in ten, else the number of classes.</summary>
    public static int[] Labels(int seed, int count, int classes) =>
        [.. Values(seed, count, 0, 10 * classes).Select(value => Math.Min((int)value, classes))];

    /// <summary>Boxes with sides of 8 to 108 in a square of 1000.</summary>
    public static float[] Boxes(int seed, int count) {
        float[] at = Values(seed, 2 * count, 0, 1000), sides = Values(seed + 1, 2 * count, 8, 108), boxes = new float[4 * count];
        for (int i = 0; i < count; i++) {
            (boxes[4 * i], boxes[4 * i + 1]) = (at[2 * i], at[2 * i + 1]);
            (boxes[4 * i + 2], boxes[4 * i + 3]) = (at[2 * i] + sides[2 * i], at[2 * i + 1] + sides[2 * i + 1]);
        }
        return boxes;
    }

    private static float Unit(uint x) {
        unchecked {
            x ^= x >> 16;
            x *= 0x7feb352d;
            x ^= x >> 15;
            x *= 0x846ca68b;
            x ^= x >> 16;
        }
        return (x >> 8) * (1f / (1 << 24));
    }
}
