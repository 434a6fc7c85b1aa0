using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>The two embedding losses, where they differ: the original of the padded one was run once for these numbers.</summary>
public class EmbeddingLossTests {
    [Theory]
    [InlineData(EmbeddingNorm.Exact, 1, 0.08, 0)]
    [InlineData(EmbeddingNorm.Padded, 1, 0.079992, 0.9999)]
    [InlineData(EmbeddingNorm.Exact, 2, 0.08, 0.3)]
    [InlineData(EmbeddingNorm.Padded, 2, 0.0799960, 0.3000350)]
    [InlineData(EmbeddingNorm.Exact, 0, 0, 0)]
    [InlineData(EmbeddingNorm.Padded, 0, 0, 0)]
    public void Terms_have_known_values(EmbeddingNorm norm, int count, double pull, double push) {
        // Corners 0.4 apart; the second object's mean lies 0.7 from the first's.
        Tensor first = Tensor.From([0.3f, 1.0f], [1, 1, 2, 1]), second = Tensor.From([0.7f, 1.4f], [1, 1, 2, 1]);
        CornerCells[] objects = [.. Enumerable.Range(0, count).Select(i => new CornerCells(0, i, 0, i))];
        (Tensor Pull, Tensor Push) terms = new AssociativeEmbeddingLoss(1, 1, norm).Apply(first, second, [objects]);
        Assert.Equal(pull, terms.Pull.ToArray()[0], 2e-7);
        Assert.Equal(push, terms.Push.ToArray()[0], 2e-6);
    }
}
