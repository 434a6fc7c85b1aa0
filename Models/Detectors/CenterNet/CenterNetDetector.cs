using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Objects as points (Zhou et al., 2019): a backbone, a neck that makes one fine map of its maps if there is one, and a head on
/// it; or a backbone of several stacks, and a head on each one's map. Detections are the highest local maxima, without
/// suppression.</summary>
public sealed class CenterNetDetector : MultiViewDetector {
    /// <summary>No overlap exceeds the threshold.</summary>
    private static readonly TestConfig All = new(0, 0, float.PositiveInfinity, 0) { ClassAgnostic = true };

    private readonly CenterNetConfig config;

    /// <summary>A detector of these parts.</summary>
    public CenterNetDetector(CenterNetConfig config, Backbone backbone, Neck? neck, IReadOnlyList<CenterNetHead> heads) : base(config) =>
        (this.config, Backbone, Neck, Heads) = (config, backbone, neck, heads);

    /// <summary>From pictures to maps.</summary>
    public Backbone Backbone { get; }

    /// <summary>From maps to the one that is looked at, or null.</summary>
    public Neck? Neck { get; }

    /// <summary>A head for each map; the last one detects.</summary>
    public IReadOnlyList<CenterNetHead> Heads { get; }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children => [
        ("backbone", Backbone),
        .. Neck is null ? (IEnumerable<(string, Module)>)[] : [("neck", Neck)],
        ("bbox_head", Heads.Count == 1 ? Heads[0] : new ModuleList<CenterNetHead>(Heads)),
    ];

    /// <summary>Each head's predictions, for normalised, padded pictures [N,H,W,3].</summary>
    public IReadOnlyList<CenterOutput> Forward(Tensor batch) {
        using var scope = new TensorScope();
        return [.. Levels(batch).Select((level, i) => Heads[i].Forward(level).KeptFrom(scope))];
    }

    /// <summary>The maps that heads look at.</summary>
    internal Tensor[] Levels(Tensor batch) {
        Tensor[] maps = Backbone.Forward(batch);
        if (Neck is null) return maps;
        Tensor[] levels = Neck.Forward(maps);
        foreach (Tensor map in maps) map.Dispose();   // large, and what the gradient needs of them it has
        return levels;
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<LossTerm> BatchLosses(Tensor batch, IReadOnlyList<ImageInfo> images, IReadOnlyList<GroundTruth> truths,
        RandomChoice? choice) {
        IReadOnlyList<CenterOutput> outputs = Forward(batch);
        var targets = new CenterTargets(config, outputs[0].Heat.Shape[1], outputs[0].Heat.Shape[2], images, truths, batch.Device);
        IReadOnlyList<LossTerm>[] stacks = [.. outputs.Select((output, i) => Heads[i].Losses(output, targets))];
        if (stacks is [var only]) return only;
        // Their mean, as in the official repository.
        return [.. stacks[0].Select((term, k) => new LossTerm(term.Name,
            Op.Concat([.. stacks.Select(terms => Op.Reshape(terms[k].Value, 1))], 0) * (1f / stacks.Length)))];
    }

    /// <inheritdoc/>
    protected override ViewCandidates Candidates(Tensor batch, IReadOnlyList<ImageInfo> images, bool rescale) {
        using var scope = new TensorScope();
        CenterOutput output = config.Input.FlipTest ? Together(batch) : Forward(batch)[^1];
        return new CenterPeaks(output, config, (batch.Shape[1], batch.Shape[2]), images, rescale).View().KeptFrom(scope);
    }

    /// <summary>All of them, of one view or several; unless the configuration suppresses what several show.</summary>
    protected override Tensor Select(BoxCandidates candidates) => candidates.Select(
        config.SuppressesViews && (config.Input.FlipTest || config.Input.Views().Count > 1) ? config.Test : All);

    /// <summary>The predictions for pictures and for the mirrored ones together: heat and sizes are averaged, all else is the plain
    /// picture's.</summary>
    private CenterOutput Together(Tensor batch) {
        using var scope = new TensorScope();
        CenterOutput plain = Forward(batch)[^1], mirrored = Forward(Mirrored(batch))[^1];
        return (plain with {
            Heat = (plain.Heat + Mirrored(mirrored.Heat)) / 2,
            Sizes = (plain.Sizes + Mirrored(mirrored.Sizes)) / 2,
        }).KeptFrom(scope);
    }
}
