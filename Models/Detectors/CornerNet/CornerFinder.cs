using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Finds boxes where corners are: each of a picture's best upper left corners with each of its best lower right ones. All of it
/// runs where the maps are.</summary>
/// <param name="config">How many corners, and which pairs count.</param>
/// <param name="images">The pictures' places in the batch.</param>
/// <param name="rescale">Whether boxes are in pixels of the original pictures, else in the batch's.</param>
internal sealed class CornerFinder(CornerNetConfig config, IReadOnlyList<ImageInfo> images, bool rescale) {
    /// <summary>Each picture's boxes, best first.</summary>
    /// <param name="output">The maps of the last stack.</param>
    /// <param name="mirrored">Whether they are of the mirrored pictures; their boxes are turned back.</param>
    public BoxCandidates[] Find(CornerOutput output, bool mirrored) {
        using var scope = new TensorScope();
        Corners first = Of(output.TopLeft), second = Of(output.BottomRight);
        Shape map = output.TopLeft.Heat.Shape;
        return [.. images.Select((image, i) => {
            (Tensor ofFirst, Tensor ofSecond) = (first.Peaks.Rows, second.Peaks.Rows);
            int each = ofFirst.Shape[0] / map[0];
            Tensor Own(Tensor all) => Op.Slice(all, 0, i * each, (i + 1) * each);
            CornerPairs pairs = Op.PairCorners(Own(ofFirst), Own(first.Embeddings), Own(ofSecond), Own(second.Embeddings),
                Rule(image, map, mirrored));
            return Best(pairs, image).KeptFrom(scope);
        })];
    }

    private Corners Of(CornerMaps maps) {
        HeatPeaks peaks = Op.Peaks(Op.Sigmoid(maps.Heat.Detach()), config.TopK, config.LocalMaximumKernel, maps.Offsets);
        return new Corners(peaks, peaks.At(maps.Embeddings));
    }

    private CornerRule Rule(ImageInfo image, Shape map, bool mirrored) => new(
        new CellGrid((float)((double)image.PaddedWidth / map[2]), (float)((double)image.PaddedHeight / map[1]), image.Left, image.Top),
        config.DistanceThreshold, config.Test.ScoreThreshold, config.OfficialBoxes ? 1 : 0,
        !mirrored ? float.NaN : config.OfficialBoxes ? image.PaddedWidth - 2 * image.Left : image.Width);

    /// <summary>The best of a picture's pairs, in the pixels that are wanted; the official boxes are cut to the picture.</summary>
    private BoxCandidates Best(CornerPairs pairs, ImageInfo image) {
        (Tensor scores, Tensor best) = Op.TopK(pairs.Scores, Math.Min(config.Test.BeforeNms, pairs.Scores.Count));
        var fit = new PictureFit(config.OfficialBoxes ? image.Width : -1, image.Height, rescale ? image.ScaleX : 1,
            rescale ? image.ScaleY : 1);
        (Tensor boxes, Tensor labels) = Op.FitBoxes(Op.IndexSelect(pairs.Boxes, best, 0), scores,
            Op.IndexSelect(pairs.Labels, best, 0), fit);
        return new BoxCandidates(boxes, scores, labels);
    }

    /// <summary>The best corners of a kind, and their embeddings.</summary>
    private sealed record Corners(HeatPeaks Peaks, Tensor Embeddings);
}
