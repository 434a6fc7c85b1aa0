using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Which level of a pyramid each region belongs to: how many of some bounds its size √(w·h) / scale + 10⁻⁶ reaches. What is
    /// no number reaches none. No gradient.</summary>
    /// <param name="regions">[R,5]: the picture's number, then x1, y1, x2, y2.</param>
    /// <param name="scale">What sizes are divided by.</param>
    /// <param name="bounds">The least sizes of all levels but the first.</param>
    /// <returns>Int32 [R]; -1 where the picture's number is negative.</returns>
    /// <exception cref="ShapeException">The regions have another shape.</exception>
    public static Tensor RegionLevels(Tensor regions, float scale, ReadOnlySpan<float> bounds) {
        const string name = nameof(RegionLevels);
        int count = Check.Rank(name, "regions", regions, 2).Shape[0];
        Check.Shape(name, "regions", regions, [count, RegionFields]);
        var levels = new Tensor(regions.Device, [count], DType.Int32);
        float[] limits = bounds.ToArray();
        if (count > 0) Run(regions.Device, _ => {
            for (int i = 0; i < count; i++) {
                ReadOnlySpan<float> region = regions.Span.Slice(i * RegionFields, RegionFields);
                float size = RegionSize(region[1], region[2], region[3], region[4], scale);
                int level = 0;
                foreach (float limit in limits)
                    if (size >= limit) level++;
                levels.IntSpan[i] = region[0] < 0 ? -1 : level;
            }
        }, gpu => {
            using Tensor uploaded = Tensor.From(limits, [limits.Length], gpu);
            gpu.Kernel(RegionLevelsKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<float>, ArrayView<float>,
                float>(RegionLevelsKernel))
                (count, gpu.Integers(levels), gpu.Floats(regions), limits.Length > 0 ? gpu.Floats(uploaded) : default, scale);
        });
        return levels;
    }

    internal static void RegionLevelsKernel(Index1D i, ArrayView<int> levels, ArrayView<float> regions, ArrayView<float> bounds,
        float scale) {
        int at = i * RegionFields, level = 0;
        float size = RegionSize(regions[at + 1], regions[at + 2], regions[at + 3], regions[at + 4], scale);
        for (int bound = 0; bound < bounds.IntLength; bound++)
            if (size >= bounds[bound]) level++;
        if (regions[at] < 0) level = -1;
        levels[i] = level;
    }

    private static float RegionSize(float x1, float y1, float x2, float y2, float scale) =>
        MathF.Sqrt((x2 - x1) * (y2 - y1)) / scale + 1e-6f;
}
