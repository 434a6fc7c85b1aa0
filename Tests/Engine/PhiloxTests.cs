using Xunit;

namespace DenseEngine.Tests;

public class PhiloxTests {
    /// <summary>The known answers that Random123 publishes for philox4x32_10 with counter and key all zeros.</summary>
    [Fact]
    public void Known_answers_of_Random123() {
        var zeros = new Philox(0);
        Assert.Equal([0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u], Enumerable.Range(0, 4).Select(_ => zeros.NextUInt32()));
        var ones = new Philox(ulong.MaxValue, ulong.MaxValue) { Position = 0 };
        Assert.NotEqual(zeros.NextUInt32(), ones.NextUInt32());
    }

    [Fact]
    public void Position_resumes_the_sequence() {
        var first = new Philox(7, 3);
        for (int i = 0; i < 1001; i++) first.NextSingle();
        var second = new Philox(7, 3) { Position = first.Position };
        Assert.Equal(first.Permutation(50), second.Permutation(50));
        Assert.Equal(first.NextNormal(), second.NextNormal());
    }

    [Fact]
    public void Uniform_and_normal_have_their_moments() {
        var random = new Philox(1);
        double sum = 0, normal = 0, squares = 0;
        int[] counts = new int[10];
        for (int i = 0; i < 100_000; i++) {
            float u = random.NextSingle(), n = random.NextNormal();
            Assert.InRange(u, 0, 0.99999999f);
            (sum, normal, squares) = (sum + u, normal + n, squares + n * n);
            counts[random.Next(10)]++;
        }
        Assert.InRange(sum / 1e5, 0.49, 0.51);
        Assert.InRange(normal / 1e5, -0.02, 0.02);
        Assert.InRange(squares / 1e5, 0.97, 1.03);
        Assert.All(counts, count => Assert.InRange(count, 9500, 10500));
    }
}
