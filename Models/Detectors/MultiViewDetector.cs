using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A detector that can look at a picture several times, at several scales and mirrored (<see cref="InputConfig.ScaleFactors"/>,
/// <see cref="InputConfig.FlipTest"/>), and selects detections from what all views show. All of it runs where the network runs; the
/// detections of all pictures, and what else is read of them, are fetched at once.</summary>
public abstract class MultiViewDetector(DetectorConfig config) : Detector(config) {
    /// <summary>The candidates in each picture of a batch at its scale; where mirrored pictures count, those that they show are among
    /// them.</summary>
    /// <param name="batch">Normalised, padded pictures [N,H,W,3].</param>
    /// <param name="images">Their places in the batch.</param>
    /// <param name="rescale">Whether boxes are in pixels of the original pictures, else in the batch's.</param>
    protected abstract ViewCandidates Candidates(Tensor batch, IReadOnlyList<ImageInfo> images, bool rescale);

    /// <summary>The detections among a picture's candidates of all scales, one scale's after the other's, as rows of
    /// <see cref="Op.SelectDetections"/>.</summary>
    protected abstract Tensor Select(BoxCandidates candidates);

    /// <inheritdoc/>
    protected override IReadOnlyList<Detections> DetectBatch(Tensor batch, IReadOnlyList<ImageInfo> images, bool rescale) {
        ViewCandidates view = Candidates(batch, images, rescale);
        return Fetch([.. images.Select((_, i) => new[] { (view, i) })]);
    }

    private protected override IReadOnlyList<Detections> DetectPictures(IReadOnlyList<Picture> pictures) {
        if (Config.Input.Views() is not { Count: > 1 } views) return base.DetectPictures(pictures);
        using var noGrad = new NoGrad();
        using var all = new TensorScope();
        // One by one: pictures that fill the same input at one scale may not at another.
        return Fetch([.. pictures.Select(picture => views.Select(view => {
            using var scope = new TensorScope();
            (Tensor batch, ImageInfo[] images) = view.Prepare([picture], Device);
            return (Candidates(batch, images, rescale: true).KeptFrom(scope), 0);
        }).ToArray())]);
    }

    /// <summary>The detections of pictures from all of their views, with one download.</summary>
    /// <param name="pictures">Each one's views, and its number in them.</param>
    private IReadOnlyList<Detections> Fetch((ViewCandidates View, int Picture)[][] pictures) {
        Tensor[] rows = [.. pictures.Select(views => Select(BoxCandidates.Join([.. views.Select(of => of.View.Pictures[of.Picture])])))];
        ViewCandidates[] all = [.. pictures.SelectMany(views => views.Select(of => of.View)).Distinct()
            .Where(view => view.Further is not null)];
        float[][] values = FlatTensors.Download([.. rows, .. all.Select(view => view.Further!)]);
        var further = all.Index().ToDictionary(view => view.Item, view => view.Item.Properties!(values[rows.Length + view.Index]));
        return [.. pictures.Select((views, i) => {
            IReadOnlyDictionary<string, float[]>[] told = [.. views.SelectMany(of => further.GetValueOrDefault(of.View, [])
                .Skip(of.View.Pictures.Take(of.Picture).Sum(picture => picture.Scores.Count))
                .Take(of.View.Pictures[of.Picture].Scores.Count))];
            return new Detections([.. DetectionRows.Read(values[i]).Select(found => told.Length == 0 ? found.One
                : found.One with { Properties = told[found.Number] })]);
        })];
    }

    /// <summary>A batch or map [N,H,W,C] with its columns in reverse.</summary>
    protected static Tensor Mirrored(Tensor map) {
        using var scope = new TensorScope();
        int width = map.Shape[2];
        return scope.Keep(Op.IndexSelect(map, Tensor.From([.. Enumerable.Range(1, width).Select(i => width - i)], [width], map.Device), 2));
    }
}
