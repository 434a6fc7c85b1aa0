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
        int[] of = new int[boxes.Length];
        for (int i = 0; i < of.Length; i++) {
            float size = MathF.Sqrt(boxes[i].Width * boxes[i].Height) / finestScale + 1e-6f;
            float level = MathF.Floor((float)Math.Log2(size));
            of[i] = level > 0 ? (int)Math.Min(level, levels - 1) : 0;   // no number is 0, too
        }
        return of;
    }

    /// <summary>The pooled regions [R,h,w,C], picture after picture.</summary>
    /// <param name="maps">The neck's levels [N,h,w,C].</param>
    /// <param name="boxes">Each picture's regions.</param>
    /// <param name="firstPicture">The number of the first of these pictures in the batch.</param>
    public Tensor Extract(IReadOnlyList<Tensor> maps, IReadOnlyList<Box[]> boxes, int firstPicture = 0) {
        Box[] all = [.. boxes.SelectMany(some => some)];
        float[] rows = [.. boxes.SelectMany((some, i) =>
            some.SelectMany(box => (float[])[firstPicture + i, box.X1, box.Y1, box.X2, box.Y2]))];
        Device device = maps[0].Device;
        return Op.RoiAlign([.. maps.Take(config.Strides.Count)], scales, Tensor.From(rows, [all.Length, 5], device),
            Tensor.From(Levels(all, config.FinestScale, config.Strides.Count), [all.Length], device), config.PooledSize,
            config.SamplingRatio, config.Aligned);
    }
}
