namespace DenseEngine.Models;

/// <summary>Necks one after the other, whose state names are their numbers.</summary>
public sealed class NeckSequence(params IEnumerable<Neck> necks) : Neck {
    private readonly ModuleList<Neck> necks = new(necks);

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children => necks.Children;

    /// <inheritdoc/>
    public override Tensor[] Forward(IReadOnlyList<Tensor> maps) {
        using var scope = new TensorScope();
        Tensor[] levels = [.. maps];
        for (int i = 0; i < necks.Count; i++) levels = necks[i].Forward(levels);
        foreach (Tensor level in levels) scope.Keep(level);
        return levels;
    }
}
