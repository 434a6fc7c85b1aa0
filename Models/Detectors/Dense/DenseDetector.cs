namespace DenseEngine.Models;

/// <summary>A detector of one stage: normalised pictures, backbone, neck, dense head, selection. What its parts do not need for the
/// gradient is freed on the way.</summary>
public sealed class DenseDetector : Detector {
    /// <summary>A detector of these parts.</summary>
    public DenseDetector(DetectorConfig config, Backbone backbone, Fpn neck, DenseHead head) : base(config) =>
        (Backbone, Neck, Head) = (backbone, neck, head);

    /// <summary>From pictures to maps.</summary>
    public Backbone Backbone { get; }

    /// <summary>From maps to levels.</summary>
    public Fpn Neck { get; }

    /// <summary>From levels to predictions.</summary>
    public DenseHead Head { get; }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children => [("backbone", Backbone), ("neck", Neck), ("bbox_head", Head)];

    /// <summary>The head's predictions by level, for normalised, padded pictures [N,H,W,3].</summary>
    public IReadOnlyList<HeadOutput> Forward(Tensor batch) {
        using var scope = new TensorScope();
        IReadOnlyList<HeadOutput> outputs = View(batch).Outputs;
        foreach (HeadOutput output in outputs) output.KeptFrom(scope);
        return outputs;
    }

    /// <summary>The neck's levels, and the head's predictions from them.</summary>
    internal (Tensor[] Levels, IReadOnlyList<HeadOutput> Outputs) View(Tensor batch) {
        Tensor[] maps = Backbone.Forward(batch), levels = Neck.Forward(maps);
        foreach (Tensor map in maps) map.Dispose();   // large, and what the gradient needs of them it has
        return (levels, Head.Forward(levels));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<LossTerm> Losses(Tensor batch, IReadOnlyList<ImageInfo> images, IReadOnlyList<GroundTruth> truths) {
        CheckBatch(batch, images);
        if (Config is DenseConfig { Distillation: not null })
            throw new GraphException("Losses: this configuration learns from a teacher; train it as a DistilledDetector.");
        using var scope = new TensorScope();
        IReadOnlyList<LossTerm> terms = Head.Losses(Forward(batch), images, truths);
        foreach (LossTerm term in terms) scope.Keep(term.Value);
        return terms;
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<Detections> DetectBatch(Tensor batch, IReadOnlyList<ImageInfo> images, bool rescale) {
        CheckBatch(batch, images);
        if (IsTraining) throw new GraphException("Detect: the detector is in training mode; call Train(false) first.");
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        IReadOnlyList<LevelPrediction> levels = Head.Decode(Forward(batch));
        return NmsPostprocess.Select(levels, images, Config.Test, rescale, Config.Classes.Count);
    }

    internal static void CheckBatch(Tensor batch, IReadOnlyList<ImageInfo> images) =>
        Check.That(batch.Shape.Rank == 4 && batch.Shape[3] == 3 && batch.Shape[0] == images.Count,
        $"DenseDetector: {images.Count} pictures need a batch of shape [{images.Count}, height, width, 3] but it has {batch.Shape}.");
}
