using System.Runtime.InteropServices;
using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Anchors on a grid of cells, by level, as mmdetection's <c>AnchorGenerator</c>: the anchors of cell (x, y) are the level's base
/// anchors moved by (x, y) · stride, so by default they centre on the cell's corner. Order: y, x, then ratio and scale.</summary>
public sealed class AnchorGenerator {
    private readonly Pair[] strides;
    private readonly Box[][] baseAnchors;

    /// <summary>Anchors of given shapes.</summary>
    /// <param name="strides">Each level's cell size in pixels.</param>
    /// <param name="ratios">Heights over widths.</param>
    /// <param name="scales">Sizes as multiples of the base size.</param>
    /// <param name="scaleMajor">Whether, inside a cell, the scale changes fastest (else the ratio).</param>
    /// <param name="centerOffset">The centre of a cell's anchors, in base sizes from its corner.</param>
    /// <param name="baseSizes">Each level's base size in pixels; the smaller stride if null.</param>
    /// <param name="centers">Each level's anchor centre in pixels from the cell's corner; by the offset if null.</param>
    /// <param name="legacy">mmdetection 1's rule: sizes count pixels, corners are rounded (<c>LegacyAnchorGenerator</c>).</param>
    public AnchorGenerator(IReadOnlyList<Pair> strides, IReadOnlyList<float> ratios, IReadOnlyList<float> scales, bool scaleMajor = true,
        float centerOffset = 0,
        IReadOnlyList<float>? baseSizes = null, IReadOnlyList<(float X, float Y)>? centers = null, bool legacy = false) {
        this.strides = [.. strides];
        baseAnchors = new Box[strides.Count][];
        for (int level = 0; level < strides.Count; level++) {
            float size = baseSizes?[level] ?? Math.Min(strides[level].Vertical, strides[level].Horizontal);
            float offset = centerOffset * (legacy ? size - 1 : size);
            (float x, float y) = centers?[level] ?? (offset, offset);
            var anchors = new List<Box>();
            for (int i = 0; i < ratios.Count * scales.Count; i++) {
                (float ratio, float scale) = scaleMajor
                    ? (ratios[i / scales.Count], scales[i % scales.Count]) : (ratios[i % ratios.Count], scales[i / ratios.Count]);
                float byHeight = MathF.Sqrt(ratio), byWidth = 1 / byHeight;
                float width = scaleMajor ? size * byWidth * scale : size * scale * byWidth,
                    height = scaleMajor ? size * byHeight * scale : size * scale * byHeight;
                anchors.Add(legacy ? Rounded(x, y, 0.5f * (width - 1), 0.5f * (height - 1))
                    : new Box(x - 0.5f * width, y - 0.5f * height, x + 0.5f * width, y + 0.5f * height));
            }
            baseAnchors[level] = [.. anchors];
        }
    }

    /// <summary>How many anchors a cell has; the same on all levels.</summary>
    public int PerCell => baseAnchors[0].Length;

    /// <summary>The number of levels.</summary>
    public int Levels => strides.Length;

    /// <summary>Scales that divide each octave evenly: base · 2^(i / perOctave), rounded to float32 at the end.</summary>
    public static float[] OctaveScales(double octaveBase, int perOctave) =>
        [.. Enumerable.Range(0, perOctave).Select(i => (float)(octaveBase * Math.Pow(2, (double)i / perOctave)))];

    /// <summary>A level's stride.</summary>
    public Pair Stride(int level) => strides[level];

    /// <summary>A level's anchors around the origin.</summary>
    public ReadOnlySpan<Box> BaseAnchors(int level) => baseAnchors[level];

    /// <summary>All anchors of a level of height × width cells, in pixels of the network's input.</summary>
    public Box[] Anchors(int level, int height, int width) {
        var anchors = new Box[height * width * PerCell];
        Anchors(level, height, width, anchors);
        return anchors;
    }

    /// <summary>All anchors of a level of height × width cells, [h·w·A,4].</summary>
    internal Tensor AnchorTensor(int level, Pair cells, Device device) {
        var anchors = new Tensor(HostDevice.Default, [cells.Vertical * cells.Horizontal * PerCell, 4]);
        Anchors(level, cells.Vertical, cells.Horizontal, MemoryMarshal.Cast<float, Box>(anchors.Span));
        return anchors.To(device);
    }

    /// <summary>Writes all anchors of a level of height × width cells.</summary>
    public void Anchors(int level, int height, int width, Span<Box> anchors) {
        (int strideY, int strideX) = strides[level];
        int next = 0;
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                float x = column * strideX, y = row * strideY;
                foreach (Box shape in baseAnchors[level])
                    anchors[next++] = new Box(shape.X1 + x, shape.Y1 + y, shape.X2 + x, shape.Y2 + y);
            }
        }
    }

    /// <summary>The centres (x, y) of a level's anchors, in their order.</summary>
    /// <param name="level">The level.</param>
    /// <param name="height">Its cells down.</param>
    /// <param name="width">Its cells across.</param>
    /// <param name="centres">Where they go: two numbers for each anchor.</param>
    public void Centres(int level, int height, int width, Span<float> centres) {
        (int strideY, int strideX) = strides[level];
        int next = 0;
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                float x = column * strideX, y = row * strideY;
                foreach (Box shape in baseAnchors[level]) {
                    centres[next++] = (shape.X1 + x + (shape.X2 + x)) / 2;
                    centres[next++] = (shape.Y1 + y + (shape.Y2 + y)) / 2;
                }
            }
        }
    }

    /// <summary>Which anchors of a level count in training for one picture: cells that begin inside its padded size, not the batch's
    /// (mmdetection's valid flags), and, for a border of 0 or more, anchors that leave the picture by no more than that.</summary>
    /// <param name="level">The level.</param>
    /// <param name="height">Its cells, vertically.</param>
    /// <param name="width">Its cells, horizontally.</param>
    /// <param name="image">The picture.</param>
    /// <param name="allowedBorder">Pixels; negative for any.</param>
    public bool[] Inside(int level, int height, int width, ImageInfo image, float allowedBorder = -1) {
        Box[] anchors = Anchors(level, height, width);
        bool[] inside = new bool[anchors.Length];
        (int strideY, int strideX) = strides[level];
        int rows = Math.Min((image.PaddedHeight + strideY - 1) / strideY, height),
            columns = Math.Min((image.PaddedWidth + strideX - 1) / strideX, width);
        for (int i = 0; i < inside.Length; i++) {
            int cell = i / PerCell;
            Box box = anchors[i];
            inside[i] =
                cell / width < rows && cell % width < columns && (allowedBorder < 0 || (box.X1 >= -allowedBorder && box.Y1 >= -allowedBorder
                && box.X2 < image.Width + allowedBorder && box.Y2 < image.Height + allowedBorder));
        }
        return inside;
    }

    private static Box Rounded(float x, float y, float halfWidth, float halfHeight) =>
        new(MathF.Round(x - halfWidth), MathF.Round(y - halfHeight), MathF.Round(x + halfWidth), MathF.Round(y + halfHeight));
}
