using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A term of a loss.</summary>
/// <param name="Name">mmdetection's name: <c>loss_cls</c>.</param>
/// <param name="Value">A scalar, or one value for each level [L]; the term is their sum.</param>
public sealed record LossTerm(string Name, Tensor Value) {
    /// <summary>The sum of all terms, a scalar to walk back from.</summary>
    public static Tensor Total(IEnumerable<LossTerm> terms) => terms.Select(term => Op.Sum(term.Value)).Aggregate((a, b) => a + b);
}
