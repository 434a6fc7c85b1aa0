using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Objects as paired corners (Law and Deng, 2018): stacked hourglasses, and a head on each one's map.</summary>
public sealed class CornerNetDetector : MultiViewDetector {
    private readonly CornerNetConfig config;

    internal CornerNetDetector(CornerNetConfig config) : base(config) =>
        (this.config, Backbone, Head) = (config, new HourglassNet(config.Backbone), new CornerHead(config));

    /// <summary>From pictures to a map for each stack.</summary>
    public HourglassNet Backbone { get; }

    /// <summary>From maps to corners.</summary>
    public CornerHead Head { get; }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children => [("backbone", Backbone), ("bbox_head", Head)];

    /// <summary>What each stack says, for normalised, padded pictures [N,H,W,3].</summary>
    public IReadOnlyList<CornerOutput> Forward(Tensor batch) {
        using var scope = new TensorScope();
        IReadOnlyList<CornerOutput> outputs = Head.Forward(Backbone.Forward(batch));
        foreach (CornerOutput output in outputs) output.KeptFrom(scope);
        return outputs;
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<LossTerm> BatchLosses(Tensor batch, IReadOnlyList<ImageInfo> images, IReadOnlyList<GroundTruth> truths,
        RandomChoice? choice) => Head.Losses(Forward(batch), new Pair(images[0].PaddedHeight, images[0].PaddedWidth), truths);

    /// <summary>All boxes of like corners. Those of a mirrored picture are turned back by the picture's width; what pads the picture is, as
    /// mmdetection does, taken to stand before the mirrored one as it stands before the picture.</summary>
    protected override IReadOnlyList<IReadOnlyList<Detection>> Candidates(Tensor batch, IReadOnlyList<ImageInfo> images, bool rescale) {
        IReadOnlyList<List<Detection>> found = View(batch, images);
        if (config.Input.FlipTest) {
            foreach ((int i, List<Detection> more) in View(Mirrored(batch), images).Index()) {
                float turn = config.OfficialBoxes ? images[i].PaddedWidth - 2 * images[i].Left : images[i].Width;
                found[i].AddRange(more.Select(one =>
                    one with { Box = new Box(turn - one.Box.X2, one.Box.Y1, turn - one.Box.X1, one.Box.Y2) }));
            }
        }
        if (config.OfficialBoxes) found = [.. found.Select((some, i) => some.ConvertAll(one => Inside(one, images[i])))];
        return rescale ? [.. found.Select((some, i) => some.ConvertAll(one => Rescaled(one, images[i])))] : found;
    }

    /// <summary>Suppression over all views' boxes.</summary>
    protected override Detections Select(IReadOnlyList<Detection> candidates) =>
        MulticlassNms.Select(candidates, config.Test, HostDevice.Default).Found;

    private IReadOnlyList<List<Detection>> View(Tensor batch, IReadOnlyList<ImageInfo> images) {
        using var scope = new TensorScope();
        var pairs = new CornerPairs(config, Forward(batch)[^1]);
        return [.. images.Select((image, picture) => pairs.Of(picture, image))];
    }

    private static Detection Inside(Detection found, ImageInfo image) => found with {
        Box = new Box(Math.Clamp(found.Box.X1, 0, image.Width), Math.Clamp(found.Box.Y1, 0, image.Height),
            Math.Clamp(found.Box.X2, 0, image.Width), Math.Clamp(found.Box.Y2, 0, image.Height)),
    };

    private static Detection Rescaled(Detection found, ImageInfo image) => found with {
        Box = new Box(found.Box.X1 / image.ScaleX, found.Box.Y1 / image.ScaleY, found.Box.X2 / image.ScaleX, found.Box.Y2 / image.ScaleY),
    };
}
