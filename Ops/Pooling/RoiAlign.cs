namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Maps of one size under boxes of any (He and others, Mask R-CNN, 2017, section 3): a box is cut into H'×W' bins, and each
    /// bin is the mean of samples on an even grid, every one read between four pixels. A sample up to a pixel outside the map reads the
    /// border, further out zero. As torchvision's and mmcv's. Gradient: to x alone.</summary>
    /// <param name="x">[N, H, W, C], with at least one pixel.</param>
    /// <param name="boxes">[R, 5]: the picture's number, then x1, y1, x2, y2. A negative number is no picture: the result is zero, and so
    /// several levels' results can be added.</param>
    /// <param name="outputSize">H' and W'.</param>
    /// <param name="spatialScale">Pixels of the map for one of the boxes' units: 1 / stride.</param>
    /// <param name="samplingRatio">Samples of a bin along each axis; 0 for as many as the bin has begun pixels: none in an empty one, which
    /// then is zero.</param>
    /// <param name="aligned">Whether coordinates count from pixels' corners, so that boxes move by half a pixel. If not, a box is at least a
    /// pixel long and wide.</param>
    /// <returns>[R, H', W', C].</returns>
    /// <exception cref="ShapeException">Ranks or sizes are wrong, there are no pixels, the scale is not above 0, or a box names a picture
    /// beyond the last.</exception>
    public static Tensor RoiAlign(Tensor x, Tensor boxes, Pair outputSize, float spatialScale = 1, int samplingRatio = 0,
        bool aligned = true) {
        Check.SameDevice("RoiAlign", x, boxes);
        RoiGeometry roi = RoiGeometry.Of("RoiAlign", x, boxes, outputSize, spatialScale, samplingRatio, aligned);
        var y = new Tensor(x.Device, roi.OutputShape);
        Run(x.Device, host => {
            CheckPictures(boxes, roi);
            RoiHost.Forward(host, y, x, boxes, roi);
        }, gpu => RoiAlignGpu(gpu, y, x, boxes, roi, gpu.Report((box, picture) => PictureIsWrong(box, picture, roi))));
        return Tape.Record(y, [x], [boxes], (dy, saved) => {
            var dx = new Tensor(dy.Device, roi.InputShape);
            Run(dy.Device, host => RoiHost.Gradient(host, dx, dy, saved[0], roi), gpu => RoiAlignGradientGpu(gpu, dx, dy, saved[0], roi));
            return [dx];
        });
    }

    private static void CheckPictures(Tensor boxes, RoiGeometry roi) {
        ReadOnlySpan<float> numbers = boxes.Span;
        for (int box = 0; box < roi.Boxes; box++)
            if (roi.Image(numbers[5 * box]) == roi.Images) throw new ShapeException(PictureIsWrong(box, (int)numbers[5 * box], roi));
    }

    private static string PictureIsWrong(int box, int picture, RoiGeometry roi) =>
        $"RoiAlign: box {box} is of picture {picture}; input {roi.InputShape} has {roi.Images}.";
}
