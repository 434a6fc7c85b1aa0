using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A detector that can look at a picture several times, at several scales and mirrored (<see cref="InputConfig.ScaleFactors"/>,
/// <see cref="InputConfig.FlipTest"/>), and selects detections from what all views show.</summary>
public abstract class MultiViewDetector(DetectorConfig config) : Detector(config) {
    /// <summary>The candidates in each picture of a batch at its scale; where mirrored pictures count, those that they show are among
    /// them.</summary>
    /// <param name="batch">Normalised, padded pictures [N,H,W,3].</param>
    /// <param name="images">Their places in the batch.</param>
    /// <param name="rescale">Whether boxes are in pixels of the original pictures, else in the batch's.</param>
    protected abstract IReadOnlyList<IReadOnlyList<Detection>> Candidates(Tensor batch, IReadOnlyList<ImageInfo> images, bool rescale);

    /// <summary>The detections among a picture's candidates of all scales, one scale's after the other's.</summary>
    protected abstract Detections Select(IReadOnlyList<Detection> candidates);

    /// <inheritdoc/>
    protected override IReadOnlyList<Detections> DetectBatch(Tensor batch, IReadOnlyList<ImageInfo> images, bool rescale) =>
        [.. Candidates(batch, images, rescale).Select(Select)];

    private protected override IReadOnlyList<Detections> DetectPictures(IReadOnlyList<Picture> pictures) {
        if (Config.Input.Views() is not { Count: > 1 } views) return base.DetectPictures(pictures);
        using var noGrad = new NoGrad();
        // One by one: pictures that fill the same input at one scale may not at another.
        return [.. pictures.Select(picture => Select([.. views.SelectMany(view => {
            using var scope = new TensorScope();
            (Tensor batch, ImageInfo[] images) = view.Prepare([picture], Device);
            return Candidates(batch, images, rescale: true)[0];
        })]))];
    }

    /// <summary>A batch or map [N,H,W,C] with its columns in reverse.</summary>
    protected static Tensor Mirrored(Tensor map) {
        using var scope = new TensorScope();
        int width = map.Shape[2];
        return scope.Keep(Op.IndexSelect(map, Tensor.From([.. Enumerable.Range(1, width).Select(i => width - i)], [width], map.Device), 2));
    }
}
