using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>What CenterNet's maps should hold for some pictures. All is computed on the host, in mmdetection's precision.</summary>
public sealed class CenterTargets {
    /// <summary>The targets of a batch.</summary>
    /// <param name="config">Classes, and how far a centre's gaussian reaches.</param>
    /// <param name="height">Rows of the maps.</param>
    /// <param name="width">Columns.</param>
    /// <param name="images">The pictures' places; the first one's padded size stands for all, as in mmdetection.</param>
    /// <param name="truths">Their objects.</param>
    /// <param name="device">Where the targets are needed.</param>
    public CenterTargets(CenterNetConfig config, int height, int width, IReadOnlyList<ImageInfo> images, IReadOnlyList<GroundTruth> truths,
        Device device) {
        (Height, Width, Truths) = (height, width, truths);
        (ScaleX, ScaleY) = ((float)((double)width / images[0].PaddedWidth), (float)((double)height / images[0].PaddedHeight));
        int cells = height * width, classes = config.Classes.Count;
        float[] heat = new float[truths.Count * cells * classes], sizes = new float[truths.Count * cells * 2],
            offsets = new float[sizes.Length], weights = new float[truths.Count * cells];
        var objects = new List<CenterObject>();
        for (int i = 0; i < truths.Count; i++) {
            truths[i].Validate(classes);
            var map = new HeatMap(heat.AsSpan(i * cells * classes, cells * classes), height, width, classes);
            for (int k = 0; k < truths[i].Boxes.Length; k++) {
                CenterObject one = Place(config, i, k);
                objects.Add(one);
                map.Draw(one.Label, one.Column, one.Row, one.Radius);
                int cell = (i * height + one.Row) * width + one.Column;   // of objects in one cell the last counts
                (sizes[2 * cell], sizes[2 * cell + 1]) = (one.Width, one.Height);
                (offsets[2 * cell], offsets[2 * cell + 1]) = (one.X - one.Column, one.Y - one.Row);
                weights[cell] = 1;
            }
        }
        Objects = objects;
        Peaks = heat.Count(value => value == 1);
        Heat = Tensor.From(heat, [truths.Count, height, width, classes], device);
        Sizes = Tensor.From(sizes, [truths.Count, height, width, 2], device);
        Offsets = Tensor.From(offsets, Sizes.Shape, device);
        Weights = Tensor.From(weights, [truths.Count, height, width, 1], device);
    }

    /// <summary>Rows of the maps.</summary>
    public int Height { get; }

    /// <summary>Columns of the maps.</summary>
    public int Width { get; }

    /// <summary>Cells of a pixel of the input, across.</summary>
    public float ScaleX { get; }

    /// <summary>Cells of a pixel of the input, down.</summary>
    public float ScaleY { get; }

    /// <summary>Gaussians around the centres [N,h,w,C].</summary>
    public Tensor Heat { get; }

    /// <summary>Widths and heights in the centres' cells, 0 elsewhere [N,h,w,2].</summary>
    public Tensor Sizes { get; }

    /// <summary>Where in their cells the centres are [N,h,w,2].</summary>
    public Tensor Offsets { get; }

    /// <summary>1 in the centres' cells, 0 elsewhere [N,h,w,1].</summary>
    public Tensor Weights { get; }

    /// <summary>How many entries of the heat maps are 1: objects of one class in one cell count once.</summary>
    public int Peaks { get; }

    /// <summary>All objects, those in the same cell too.</summary>
    public IReadOnlyList<CenterObject> Objects { get; }

    /// <summary>The pictures' objects in pixels.</summary>
    internal IReadOnlyList<GroundTruth> Truths { get; }

    /// <summary>Differs from mmdetection: a centre on the right or lower border of the map, where that fails, is in the border's
    /// cell.</summary>
    private CenterObject Place(CenterNetConfig config, int picture, int number) {
        Box box = Truths[picture].Boxes[number];
        float x = (box.X1 + box.X2) * ScaleX / 2, y = (box.Y1 + box.Y2) * ScaleY / 2,
            width = (box.X2 - box.X1) * ScaleX, height = (box.Y2 - box.Y1) * ScaleY;
        int row = Math.Clamp((int)y, 0, Height - 1), column = Math.Clamp((int)x, 0, Width - 1);
        double radius = config.OfficialRadius
            ? GaussianRadius.Official(Math.Ceiling(height), Math.Ceiling(width), config.MinOverlap)
            : GaussianRadius.OfSingles(height, width, config.MinOverlap);
        return new CenterObject(picture, number, row, column, x, y, width, height, GaussianRadius.Whole(radius),
            Truths[picture].Labels[number]);
    }
}
