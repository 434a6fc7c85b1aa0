using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

/// <summary>How boxes of the network become boxes of a picture: cut to its size there, then scaled back.</summary>
/// <param name="Width">What they are cut to, in the network's pixels; negative if they are not cut.</param>
/// <param name="Height">The same.</param>
/// <param name="ScaleX">By what they are divided.</param>
/// <param name="ScaleY">The same.</param>
/// <param name="LeastSize">Boxes count only if both their sides exceed this, in the result's pixels.</param>
public readonly record struct PictureFit(float Width, float Height, float ScaleX = 1, float ScaleY = 1,
    float LeastSize = float.NegativeInfinity) {
    internal Box Of(Box box) {
        Box cut = box;
        if (Width >= 0) cut = box.Clip(Width, Height);
        return new Box(cut.X1 / ScaleX, cut.Y1 / ScaleY, cut.X2 / ScaleX, cut.Y2 / ScaleY);
    }

    /// <summary>NaN comes of weights that are not finite, or too large.</summary>
    internal bool Counts(Box fitted, float score) => !float.IsNaN(score + fitted.X1 + fitted.Y1 + fitted.X2 + fitted.Y2)
        && fitted.Width > LeastSize && fitted.Height > LeastSize;
}

public static partial class Op {
    /// <summary>Boxes cut to a picture and scaled to it. Those that come out too small, or with a NaN in box or score, do not count any
    /// more. No gradient.</summary>
    /// <param name="boxes">[K,4], corners.</param>
    /// <param name="scores">[K].</param>
    /// <param name="labels">Int32 [K]; -1 for what does not count.</param>
    /// <param name="fit">The picture.</param>
    /// <param name="firstLabel">Added to the labels of those that count.</param>
    /// <returns>The boxes [K,4], and the labels int32 [K].</returns>
    /// <exception cref="ShapeException">Shapes differ from these.</exception>
    public static (Tensor Boxes, Tensor Labels) FitBoxes(Tensor boxes, Tensor scores, Tensor labels, PictureFit fit, int firstLabel = 0) {
        const string name = nameof(FitBoxes);
        int count = CheckBoxes(name, "boxes", boxes);
        Check.Shape(name, "scores", scores, [count]);
        Check.Shape(name, "labels", labels, [count]);
        Check.Type(name, "labels", labels, DType.Int32);
        Device device = Check.SameDevice(name, boxes, scores, labels);
        Tensor fitted = new(device, boxes.Shape), counting = new(device, labels.Shape, DType.Int32);
        if (count > 0) Run(device, (fitted, counting, boxes, scores, labels, fit, firstLabel), static (_, a) => {
            for (int i = 0; i < a.labels.Count; i++) {
                Box box = Boxes(a.fitted)[i] = a.fit.Of(Boxes(a.boxes)[i]);
                int label = a.labels.IntSpan[i];
                a.counting.IntSpan[i] = label >= 0 && a.fit.Counts(box, a.scores.Span[i]) ? label + a.firstLabel : -1;
            }
        }, static (gpu, a) => gpu.Kernel(FitBoxesKernel, accelerator => accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<Box>,
            ArrayView<int>, ArrayView<Box>, ArrayView<float>, ArrayView<int>, PictureFit, int>(FitBoxesKernel))
            (a.labels.Count, Boxes(gpu, a.fitted), gpu.Integers(a.counting), Boxes(gpu, a.boxes), gpu.Floats(a.scores),
                gpu.Integers(a.labels),
            a.fit, a.firstLabel));
        return (fitted, counting);
    }

    internal static void FitBoxesKernel(Index1D i, ArrayView<Box> fitted, ArrayView<int> counting, ArrayView<Box> boxes,
        ArrayView<float> scores, ArrayView<int> labels, PictureFit fit, int firstLabel) {
        Box box = fit.Of(boxes[i]);
        int label = labels[i];
        fitted[i] = box;
        counting[i] = label >= 0 && fit.Counts(box, scores[i]) ? label + firstLabel : -1;
    }
}
