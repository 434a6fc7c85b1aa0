using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Draws what was drawn before, in the same order from the same galleries.</summary>
/// <param name="draws">Each draw's gallery, and what was picked of it.</param>
internal sealed class RecordedChoice(IReadOnlyList<(int[] Gallery, int[] Picked)> draws) : RandomChoice {
    public int Made { get; private set; }

    public override int[] Choose(IReadOnlyList<int> gallery, int count) {
        Assert.True(Made < draws.Count, $"more than {draws.Count} draws");
        (int[] recorded, int[] picked) = draws[Made++];
        Assert.Equal(recorded.Order(), gallery.Order());   // the original's order is that of its hash tables
        Assert.Equal(picked.Length, count);
        return picked;
    }

    /// <summary>Fails if a draw is left over.</summary>
    public void AllMade() => Assert.Equal(draws.Count, Made);
}
