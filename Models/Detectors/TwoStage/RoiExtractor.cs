using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Pools each region from the level that fits its size (Lin et al., 2017, equation 1, with the finest level for a given scale). As
/// mmdetection's <c>SingleRoIExtractor</c> with <c>RoIAlign</c>.</summary>
/// <param name="config">Levels and pooling.</param>
public sealed class RoiExtractor(RoiConfig config) {
    private readonly float[] scales = [.. config.Strides.Select(stride => 1f / stride)];

    /// <summary>The level of each region: ⌊log₂(√(w·h) / scale + 10⁻⁶)⌋, at least 0, at most the last.</summary>
    /// <param name="boxes">The regions.</param>
    /// <param name="finestScale">See <see cref="RoiConfig.FinestScale"/>.</param>
    /// <param name="levels">How many levels there are.</param>
    public static int[] Levels(ReadOnlySpan<Box> boxes, float finestScale, int levels) {
        using var scope = new TensorScope();
        return Op.RegionLevels(Tensor.From(Rows([boxes.ToArray()], 0), [boxes.Length, 5]), finestScale, Bounds(levels)).ToIntArray();
    }

    /// <summary>The pooled regions [R,h,w,C], picture after picture.</summary>
    /// <param name="maps">The neck's levels [N,h,w,C].</param>
    /// <param name="boxes">Each picture's regions.</param>
    /// <param name="firstPicture">The number of the first of these pictures in the batch.</param>
    public Tensor Extract(IReadOnlyList<Tensor> maps, IReadOnlyList<Box[]> boxes, int firstPicture = 0) =>
        Extract(maps, Tensor.From(Rows(boxes, firstPicture), [boxes.Sum(some => some.Length), 5], maps[0].Device)).Pooled;

    /// <summary>The same of regions that may lie on a device, and their levels, int32 [R]. A region without a picture has level -1 and is
    /// zero.</summary>
    /// <param name="maps">The neck's levels [N,h,w,C].</param>
    /// <param name="regions">[R,5], as <see cref="Op.Regions"/> gives them.</param>
    internal (Tensor Pooled, Tensor Levels) Extract(IReadOnlyList<Tensor> maps, Tensor regions) {
        Tensor levels = Op.RegionLevels(regions, config.FinestScale, Bounds(config.Strides.Count));
        return (Op.RoiAlign([.. maps.Take(config.Strides.Count)], scales, regions, levels, config.PooledSize, config.SamplingRatio,
            config.Aligned), levels);
    }

    private static float[] Rows(IReadOnlyList<Box[]> boxes, int firstPicture) => [.. boxes.SelectMany((some, i) =>
        some.SelectMany(box => (float[])[firstPicture + i, box.X1, box.Y1, box.X2, box.Y2]))];

    /// <summary>The least sizes whose logarithm, rounded to a float, is 1, 2 and so on: a last bit below the powers of two.</summary>
    private static float[] Bounds(int levels) => [.. Enumerable.Range(1, levels - 1).Select(level => {
        float bound = MathF.ScaleB(1, level);
        while ((float)Math.Log2(MathF.BitDecrement(bound)) >= level) bound = MathF.BitDecrement(bound);
        return bound;
    })];
}
