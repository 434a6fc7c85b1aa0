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

    /// <summary>The best boxes of like corners, and the mirrored picture's behind them. Those are turned back by the picture's width; what
    /// pads the picture is, as mmdetection does, taken to stand before the mirrored one as it stands before the picture.</summary>
    protected override ViewCandidates Candidates(Tensor batch, IReadOnlyList<ImageInfo> images, bool rescale) {
        using var scope = new TensorScope();
        var finder = new CornerFinder(config, images, rescale);
        BoxCandidates[] found = View(batch, mirrored: false);
        if (config.Input.FlipTest)
            found = [.. found.Zip(View(Mirrored(batch), mirrored: true), (own, other) => BoxCandidates.Join([own, other]))];
        return new ViewCandidates(found).KeptFrom(scope);

        BoxCandidates[] View(Tensor pictures, bool mirrored) => finder.Find(Forward(pictures)[^1], mirrored);
    }

    /// <summary>Suppression over all views' boxes.</summary>
    protected override Tensor Select(BoxCandidates candidates) => candidates.Select(config.Test);
}
