using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>The best pairs of logits against those of all probabilities.</summary>
public class BestPairsTests {
    [Theory]
    [InlineData(4, 0.05f, 100, 0)]       // few are likely
    [InlineData(4, 0.05f, 5000, 0)]      // fewer than are wanted
    [InlineData(1, 0.05f, 100, 0)]       // many are
    [InlineData(4, 0.5f, 300, 0.5f)]     // ties
    [InlineData(4, 0.9999f, 50, 30)]     // different logits of equal probability
    [InlineData(4, 0, 50, 0)]
    [InlineData(4, 1, 50, 0)]
    [InlineData(4, float.NaN, 50, 0)]
    public void Logits_give_the_pairs_of_their_probabilities(float below, float threshold, int most, float coarse) {
        using var scope = new TensorScope();
        var random = new Philox(9);
        Tensor logits = Tensor.From([.. Enumerable.Range(0, 2 * 9000 * 5).Select(i => {
            float x = 2 * random.NextNormal() - below;
            if (coarse > 0) x = coarse < 1 ? MathF.Round(x / coarse) * coarse : coarse * x;
            return i % 1013 == 7 ? float.NaN : i % 2027 == 5 ? float.PositiveInfinity : x;
        })], [2, 9000, 5]);
        for (int picture = 0; picture < 2; picture++) {
            ScoredPairs expected = Op.BestPairs(Op.Sigmoid(logits), picture, threshold, most),
                pairs = Op.BestPairs(logits, picture, threshold, most, logits: true);
            Assert.Equal(expected.Scores.ToArray(), pairs.Scores.ToArray());
            Assert.Equal(expected.Rows.ToIntArray(), pairs.Rows.ToIntArray());
            Assert.Equal(expected.Anchors.ToIntArray(), pairs.Anchors.ToIntArray());
            Assert.Equal(expected.Labels.ToIntArray(), pairs.Labels.ToIntArray());
        }
    }
}
