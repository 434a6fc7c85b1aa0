using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A term of a loss.</summary>
/// <param name="Name">mmdetection's name: <c>loss_cls</c>. A term without "loss" in it is only told (<c>acc</c>).</param>
/// <param name="Value">A scalar, or one value for each level [L]; the term is their sum.</param>
public sealed record LossTerm(string Name, Tensor Value) {
    /// <summary>A term from its levels' scalars.</summary>
    internal static LossTerm OfLevels(string name, IEnumerable<Tensor> levels) =>
        new(name, Op.Concat([.. levels.Select(level => Op.Reshape(level, 1))], 0));

    /// <summary>Whether the term is part of the loss.</summary>
    public bool Counts => Name.Contains("loss", StringComparison.Ordinal);

    /// <summary>The sum of all terms that count, a scalar to walk back from.</summary>
    public static Tensor Total(IEnumerable<LossTerm> terms) =>
        terms.Where(term => term.Counts).Select(term => Op.Sum(term.Value)).Aggregate((a, b) => a + b);
}
