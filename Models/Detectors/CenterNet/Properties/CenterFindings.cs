using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A centre that was found.</summary>
/// <param name="Picture">Its picture's number in the batch.</param>
/// <param name="Row">Its cell's row.</param>
/// <param name="Column">Its cell's column.</param>
/// <param name="X">Where it is, in cells.</param>
/// <param name="Y">Likewise, downwards.</param>
/// <param name="Width">The object's width in cells.</param>
/// <param name="Height">Its height.</param>
/// <param name="Score">How surely.</param>
/// <param name="Label">The class.</param>
public readonly record struct CenterFinding(int Picture, int Row, int Column, float X, float Y, float Width, float Height,
    float Score, int Label);

/// <summary>The centres that were found, best first in each picture, and how their cells lie in the pictures.</summary>
public sealed class CenterFindings {
    private readonly CenterOutput output;
    private readonly HeatMapPeaks peaks;
    private readonly IReadOnlyList<ImageInfo> images;
    private readonly float cellWidth, cellHeight;   // in pixels of the input
    private readonly bool rescale;

    internal CenterFindings(CenterOutput output, CenterNetConfig config, (int Height, int Width) input, IReadOnlyList<ImageInfo> images,
        bool rescale) {
        (this.output, this.images, this.rescale) = (output, images, rescale);
        peaks = HeatMapPeaks.Find(output.Heat, config.TopK, config.LocalMaximumKernel);
        cellWidth = (float)((double)input.Width / output.Heat.Shape[2]);
        cellHeight = (float)((double)input.Height / output.Heat.Shape[1]);
        float[] sizes = peaks.Read(output.Sizes), offsets = peaks.Read(output.Offsets);
        (int[] rows, int[] columns) = (peaks.Rows, peaks.Columns);
        Centers = [.. rows.Select((row, i) => new CenterFinding(i / peaks.Count, row, columns[i], columns[i] + offsets[2 * i],
            row + offsets[2 * i + 1], sizes[2 * i], sizes[2 * i + 1], peaks.Scores[i], peaks.Labels[i]))];
    }

    /// <summary>All centres, picture after picture, best first.</summary>
    public IReadOnlyList<CenterFinding> Centers { get; }

    /// <summary>How many there are in each picture.</summary>
    public int PerPicture => peaks.Count;

    /// <summary>A map that was predicted [N,h,w,channels].</summary>
    public Tensor Map(string name) => output.Properties[name];

    /// <summary>What a map holds at the centres, a row each.</summary>
    /// <param name="name">The map.</param>
    /// <param name="activate">What is done to it first.</param>
    public IReadOnlyList<float[]> AtCenters(string name, Func<Tensor, Tensor>? activate = null) {
        Tensor map = Map(name);
        return [.. peaks.Read(activate is null ? map : activate(map)).Chunk(map.Shape[3])];
    }

    /// <summary>The highest local maxima of one channel of a heat map of logits, in cells, with the offsets that another map has
    /// there.</summary>
    public Maximum[] Maxima(string heat, int channel, string offset, int most) {
        Tensor map = Map(heat);
        var found = HeatMapPeaks.Find(Op.Sigmoid(Op.Slice(map, 3, channel, channel + 1)), most);
        float[] offsets = found.Read(Map(offset));
        (int[] rows, int[] columns) = (found.Rows, found.Columns);
        return [.. found.Scores.Select((score, i) =>
            new Maximum(i / found.Count, columns[i] + offsets[2 * i], rows[i] + offsets[2 * i + 1], score))];
    }

    /// <summary>A maximum of a heat map.</summary>
    /// <param name="Picture">Its picture's number.</param>
    /// <param name="X">Where it is, in cells.</param>
    /// <param name="Y">Likewise, downwards.</param>
    /// <param name="Score">Its value.</param>
    public readonly record struct Maximum(int Picture, float X, float Y, float Score);

    /// <summary>A place in cells as one in pixels of its picture.</summary>
    public (float X, float Y) ToPicture(int picture, float x, float y) {
        ImageInfo image = images[picture];
        (x, y) = (x * cellWidth - image.Left, y * cellHeight - image.Top);
        return rescale ? (x / image.ScaleX, y / image.ScaleY) : (x, y);
    }
}
