namespace DenseEngine.Models;

/// <summary>A detector of two stages: normalised pictures, backbone, neck, a network that proposes regions, and a head that looks into
/// them. What its parts do not need for the gradient is freed on the way.</summary>
public sealed class TwoStageDetector : Detector {
    /// <summary>A detector of these parts.</summary>
    public TwoStageDetector(DetectorConfig config, Backbone backbone, Neck neck, RpnHead rpn, RoiHead roi) : base(config) =>
        (Backbone, Neck, Rpn, Roi) = (backbone, neck, rpn, roi);

    /// <summary>From pictures to maps.</summary>
    public Backbone Backbone { get; }

    /// <summary>From maps to levels.</summary>
    public Neck Neck { get; }

    /// <summary>From levels to regions.</summary>
    public RpnHead Rpn { get; }

    /// <summary>From regions to objects.</summary>
    public RoiHead Roi { get; }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children =>
        [("backbone", Backbone), ("neck", Neck), ("rpn_head", Rpn), ("roi_head", Roi)];

    /// <summary>The proposals' loss, then the regions'. The regions are those that this very step proposes; they have no gradient. They
    /// are drawn from on the host, which waits for them: the one download of a step.</summary>
    /// <inheritdoc/>
    protected override IReadOnlyList<LossTerm> BatchLosses(Tensor batch, IReadOnlyList<ImageInfo> images, IReadOnlyList<GroundTruth> truths,
        RandomChoice? choice) {
        if (choice is null) throw new GraphException("Losses: this detector draws samples: it needs a RandomChoice.");
        (Tensor[] levels, IReadOnlyList<HeadOutput> outputs) = View(batch);
        var anchors = images.Select((image, i) => Rpn.Sample(outputs, image, truths[i], choice)).ToArray();
        IReadOnlyList<LossTerm> ofRegions = Rpn.Losses(outputs, anchors, truths);
        Proposals[] proposals = Proposals.Read(Rpn.Propose(outputs, images, training: true), images.Count);
        Sampling[] samples = [.. proposals.Select((some, i) => Roi.Sample(levels, i, some, truths[i], choice))];
        return [.. ofRegions, .. Roi.Losses(levels, samples, truths)];
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<Detections> DetectBatch(Tensor batch, IReadOnlyList<ImageInfo> images, bool rescale) {
        (Tensor[] levels, IReadOnlyList<HeadOutput> outputs) = View(batch);
        if (images.Count == 0) return [];
        Tensor proposals = Rpn.Propose(outputs, images, training: false);
        return DetectionRows.Download(Roi.Detect(levels, proposals, images, Config.Test, rescale), images.Count);
    }

    /// <summary>The regions of each picture of a batch in which objects are looked for: those of training or of evaluation, as the network
    /// is set to.</summary>
    /// <param name="batch">Normalised, padded pictures [N,H,W,3].</param>
    /// <param name="images">Their places in the batch.</param>
    public IReadOnlyList<Proposals> Propose(Tensor batch, IReadOnlyList<ImageInfo> images) {
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        return Proposals.Read(Rpn.Propose(View(batch).Outputs, images, IsTraining), images.Count);
    }

    /// <summary>What the proposals' and the regions' sampler keep beside the weights, for a training that is to be resumed
    /// (<see cref="SamplerMemory"/>).</summary>
    /// <exception cref="ArgumentException">There are not two.</exception>
    public IReadOnlyList<bool> SamplersState {
        get => [Rpn.Memory.FloorIsZero, Roi.Memory.FloorIsZero];
        set {
            if (value is not [bool ofProposals, bool ofRegions]) throw new ArgumentException("Two samplers have a state.", nameof(value));
            (Rpn.Memory.FloorIsZero, Roi.Memory.FloorIsZero) = (ofProposals, ofRegions);
        }
    }

    /// <summary>The neck's levels, and what is said of regions from them.</summary>
    internal (Tensor[] Levels, IReadOnlyList<HeadOutput> Outputs) View(Tensor batch) {
        Tensor[] maps = Backbone.Forward(batch), levels = Neck.Forward(maps);
        foreach (Tensor map in maps) map.Dispose();   // large, and what the gradient needs of them it has
        return (levels, Rpn.Forward(levels));
    }
}
