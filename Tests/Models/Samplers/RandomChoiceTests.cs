using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Draws that PyTorch's generator gives; its permutations themselves are fixtures.</summary>
public class RandomChoiceTests {
    [Theory]
    [InlineData(1, 0)]
    [InlineData(37, 0)]
    [InlineData(37, 36)]
    [InlineData(5000, 1)]
    [InlineData(5000, 700)]
    public void A_drawing_is_the_beginning_of_a_permutation_and_takes_all_its_numbers(int size, int wanted) {
        int[] gallery = [.. Enumerable.Range(0, size).Select(i => 3 * i + 1)];
        (TorchChoice whole, TorchChoice some) = (new TorchChoice(5), new TorchChoice(5));
        Assert.Equal(whole.Choose(gallery, size).Take(wanted), some.Choose(gallery, wanted));
        Assert.Equal(whole.Choose(gallery, size), some.Choose(gallery, size));
    }

    [Fact]
    public void The_generator_is_the_published_one() {
        var generator = new MersenneTwister(5489);
        for (int i = 1; i < 10_000; i++) generator.Next();
        Assert.Equal(4123659995, generator.Next());   // the C++ standard, [rand.predef]
        var skipping = new MersenneTwister(5489);
        skipping.Skip(0);
        skipping.Skip(623);
        skipping.Skip(9376);
        Assert.Equal(4123659995, skipping.Next());
    }

    [Fact]
    public void Steps_draw_differently_and_each_always_the_same() {
        int[] gallery = [.. Enumerable.Range(0, 1000)];
        Assert.Equal(TorchChoice.For(1, 7).Choose(gallery, 20), TorchChoice.For(1, 7).Choose(gallery, 20));
        var drawn = new HashSet<string>();
        foreach (ulong seed in (ulong[])[0, 1, 2, uint.MaxValue, ulong.MaxValue])
            for (long step = 0; step < 50; step++) drawn.Add(string.Join(",", TorchChoice.For(seed, step).Choose(gallery, 20)));
        Assert.Equal(250, drawn.Count);
    }
}
