using ILGPU;

namespace DenseEngine.Ops;

/// <summary>Sizes of a RoIAlign and where its boxes lie: x [Images, Height, Width, Channels], boxes [Boxes, 5], y [Boxes, OutputHeight,
/// OutputWidth, Channels]. Shared by the host path and the kernels.</summary>
internal readonly struct RoiGeometry {
    /// <summary>Pictures, and the map's lines, columns and channels.</summary>
    public readonly int Images, Height, Width, Channels;

    /// <summary>The boxes, and the bins of each.</summary>
    public readonly int Boxes, OutputHeight, OutputWidth;

    /// <summary>Pixels of the map for one of the boxes' units.</summary>
    private readonly float scale;

    /// <summary>Samples of a bin along an axis, 0 for one a pixel; whether boxes are moved by half a pixel; this map's number among so
    /// many.</summary>
    private readonly int samples, aligned, level, levels;

    private RoiGeometry(Shape x, int boxes, Pair outputSize, float scale, int samples, bool aligned, int level, int levels) {
        (Images, Height, Width, Channels) = (x[0], x[1], x[2], x[3]);
        (Boxes, OutputHeight, OutputWidth) = (boxes, outputSize.Vertical, outputSize.Horizontal);
        (this.scale, this.samples, this.aligned) = (scale, Math.Max(samples, 0), aligned ? 1 : 0);
        (this.level, this.levels) = (level, levels);
    }

    /// <summary>The geometry, after checking it.</summary>
    public static RoiGeometry Of(string op, Tensor x, Tensor boxes, Pair outputSize, float scale, int samples, bool aligned, int level,
        int levels) {
        Check.Type(op, "input", Check.Rank(op, "input", x, 4), DType.Float32);
        Check.Type(op, "boxes", Check.Rank(op, "boxes", boxes, 2), DType.Float32);
        Check.That(boxes.Shape[1] == 5, $"{op}: boxes have shape {boxes.Shape}; [R, 5] is needed: the picture, then the corners.");
        Check.That(x.Shape[1] > 0 && x.Shape[2] > 0, $"{op}: input {x.Shape} has no pixels.");
        Check.That(outputSize.Vertical > 0 && outputSize.Horizontal > 0, $"{op}: the output size is {outputSize}; it must be at least 1.");
        Check.That(scale > 0 && float.IsFinite(scale), $"{op}: the spatial scale is {scale}; it must be above 0.");
        return new(x.Shape, boxes.Shape[0], outputSize, scale, samples, aligned, level, levels);
    }

    /// <summary>The shape of the input.</summary>
    public Shape InputShape => [Images, Height, Width, Channels];

    /// <summary>The shape of the output.</summary>
    public Shape OutputShape => [Boxes, OutputHeight, OutputWidth, Channels];

    /// <summary>How a box from <paramref name="y1"/> to <paramref name="y2"/> is sampled down the map.</summary>
    public RoiAxis Rows(float y1, float y2) => Axis(y1, y2, OutputHeight, Height);

    /// <summary>How a box from <paramref name="x1"/> to <paramref name="x2"/> is sampled across the map.</summary>
    public RoiAxis Columns(float x1, float x2) => Axis(x1, x2, OutputWidth, Width);

    private RoiAxis Axis(float from, float to, int bins, int size) {
        float start = from * scale, length = to * scale - start;
        if (aligned != 0) start -= 0.5f;
        else if (length < 1) length = 1;
        return new(start, length, bins, samples, size);
    }

    /// <summary>A sum's share in the mean of a bin.</summary>
    public static float Share(in RoiAxis rows, in RoiAxis columns) => 1 / ((float)rows.Samples * columns.Samples);

    /// <summary>The picture of a box, -1 for none; <see cref="Images"/> for one that does not exist.</summary>
    public int Image(float picture) => picture < 0 ? -1 : picture < Images ? (int)picture : Images;

    /// <summary>Whether a box of some level is this map's: levels that are not there count as the nearest.</summary>
    public bool Has(int ofLevel) => Math.Min(Math.Max(ofLevel, 0), levels - 1) == level;

    /// <summary>How a box is sampled down the map.</summary>
    public RoiAxis Rows(ArrayView<float> boxes, int box) => Rows(boxes[5 * box + 2], boxes[5 * box + 4]);

    /// <summary>How a box is sampled across the map.</summary>
    public RoiAxis Columns(ArrayView<float> boxes, int box) => Columns(boxes[5 * box + 1], boxes[5 * box + 3]);
}
