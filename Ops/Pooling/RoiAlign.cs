namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Maps of one size under boxes of any (He and others, Mask R-CNN, 2017, section 3): a box is cut into H'×W' bins, and each
    /// bin is the mean of samples on an even grid, every one read between four pixels. A sample up to a pixel outside the map reads the
    /// border, further out zero. As torchvision's and mmcv's. Gradient: to x alone.</summary>
    /// <param name="x">[N, H, W, C], with at least one pixel.</param>
    /// <param name="boxes">[R, 5]: the picture's number, then x1, y1, x2, y2. A negative number is no picture: the result is zero.</param>
    /// <param name="outputSize">H' and W'.</param>
    /// <param name="spatialScale">Pixels of the map for one of the boxes' units: 1 / stride.</param>
    /// <param name="samplingRatio">Samples of a bin along each axis; 0 for as many as the bin has begun pixels: none in an empty one, which
    /// then is zero.</param>
    /// <param name="aligned">Whether coordinates count from pixels' corners, so that boxes move by half a pixel. If not, a box is at least
    /// a pixel long and wide.</param>
    /// <returns>[R, H', W', C].</returns>
    /// <exception cref="ShapeException">Ranks or sizes are wrong, there are no pixels, the scale is not above 0, or a box names a picture
    /// beyond the last.</exception>
    public static Tensor RoiAlign(Tensor x, Tensor boxes, Pair outputSize, float spatialScale = 1, int samplingRatio = 0,
        bool aligned = true) => RoiAlign([x], [spatialScale], boxes, null, outputSize, samplingRatio, aligned);

    /// <summary>The same of several maps, where each box has one of them (Lin and others, Feature Pyramid Networks, 2017, section 4.2).
    /// Gradient: to all maps.</summary>
    /// <param name="maps">Each [N, H, W, C], with the same N and C; at least one.</param>
    /// <param name="spatialScales">For each map its pixels for one of the boxes' units.</param>
    /// <param name="boxes">[R, 5]: the picture's number, then x1, y1, x2, y2. A negative number is no picture: the result is zero.</param>
    /// <param name="levels">Int32 [R]: the map of each box; the first for numbers below 0, the last for those beyond it. Null for the
    /// first.</param>
    /// <param name="outputSize">H' and W'.</param>
    /// <param name="samplingRatio">Samples of a bin along each axis; 0 for as many as the bin has begun pixels.</param>
    /// <param name="aligned">Whether coordinates count from pixels' corners.</param>
    /// <returns>[R, H', W', C].</returns>
    /// <exception cref="ShapeException">Ranks or sizes are wrong or differ, there are no maps or no pixels, a scale is not above 0, or a
    /// box names a picture beyond the last.</exception>
    public static Tensor RoiAlign(IReadOnlyList<Tensor> maps, IReadOnlyList<float> spatialScales, Tensor boxes, Tensor? levels,
        Pair outputSize, int samplingRatio = 0, bool aligned = true) {
        Check.That(maps.Count > 0 && maps.Count == spatialScales.Count,
            $"RoiAlign: there are {maps.Count} maps and {spatialScales.Count} scales; it needs one scale for each map, and a map.");
        Device device = Check.SameDevice("RoiAlign", [boxes, levels, .. maps]);
        RoiGeometry[] rois = [.. maps.Select((map, level) => RoiGeometry.Of("RoiAlign", map, boxes, outputSize, spatialScales[level],
            samplingRatio, aligned, level, maps.Count))];
        for (int level = 1; level < rois.Length; level++)
            Check.That(rois[level].OutputShape == rois[0].OutputShape && rois[level].Images == rois[0].Images,
                $"RoiAlign: map {level} has shape {maps[level].Shape}; pictures and channels must be those of map 0, {maps[0].Shape}.");
        if (levels is not null) {
            Check.Type("RoiAlign", "levels", levels, DType.Int32);
            Check.Shape("RoiAlign", "levels", levels, [rois[0].Boxes]);
        }
        var y = new Tensor(device, rois[0].OutputShape);
        Run(device, host => {
            CheckPictures(boxes, rois[0]);
            for (int level = 0; level < rois.Length; level++) RoiHost.Forward(host, y, maps[level], boxes, levels, rois[level]);
        }, gpu => {
            KernelReport report = gpu.Report((box, picture) => PictureIsWrong(box, picture, rois[0]));
            for (int level = 0; level < rois.Length; level++) RoiAlignGpu(gpu, y, maps[level], boxes, levels, rois[level], report);
        });
        return Tape.Record(y, [.. maps], levels is null ? [boxes] : [boxes, levels], (dy, saved) => {
            Tensor? of = levels is null ? null : saved[1];
            return [.. rois.Select((roi, level) => saved.Needs(level) ? RoiAlignGradient(dy, saved[0], of, roi) : null)];
        });
    }

    private static Tensor RoiAlignGradient(Tensor dy, Tensor boxes, Tensor? levels, RoiGeometry roi) {
        var dx = new Tensor(dy.Device, roi.InputShape);
        Run(dy.Device, host => RoiHost.Gradient(host, dx, dy, boxes, levels, roi),
            gpu => RoiAlignGradientGpu(gpu, dx, dy, boxes, levels, roi));
        return dx;
    }

    private static void CheckPictures(Tensor boxes, RoiGeometry roi) {
        ReadOnlySpan<float> numbers = boxes.Span;
        for (int box = 0; box < roi.Boxes; box++)
            if (roi.Image(numbers[5 * box]) == roi.Images) throw new ShapeException(PictureIsWrong(box, (int)numbers[5 * box], roi));
    }

    private static string PictureIsWrong(int box, int picture, RoiGeometry roi) =>
        $"RoiAlign: box {box} is of picture {picture}; input {roi.InputShape} has {roi.Images}.";
}
