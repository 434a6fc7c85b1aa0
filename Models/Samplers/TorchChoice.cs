namespace DenseEngine.Models;

/// <summary>Draws as PyTorch on the CPU does after <c>torch.manual_seed</c>: the first entries of <c>torch.randperm</c>. A drawing takes
/// one number less from the generator than the gallery has entries, however many are wanted.</summary>
/// <param name="seed">The seed.</param>
public sealed class TorchChoice(uint seed) : RandomChoice {
    private readonly MersenneTwister generator = new(seed);

    /// <summary>The draws of one step of a training: they depend on its seed and on the step alone, so that a training that is resumed
    /// draws what it would have drawn.</summary>
    public static TorchChoice For(ulong seed, long step) {
        ulong mixed = Mixed(unchecked(Mixed(seed) + (ulong)step));
        return new TorchChoice((uint)(mixed >> 32));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">More are wanted than there are.</exception>
    public override int[] Choose(IReadOnlyList<int> gallery, int count) {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, gallery.Count);
        int[] entries = [.. gallery];
        int last = Math.Max(0, entries.Length - 1), swaps = Math.Min(count, last);
        for (int i = 0; i < swaps; i++) {
            int other = i + (int)(generator.Next() % (uint)(entries.Length - i));
            (entries[i], entries[other]) = (entries[other], entries[i]);
        }
        generator.Skip(last - swaps);
        return entries[..count];
    }

    /// <summary>SplitMix64's step (Steele, Lea and Flood, OOPSLA 2014): neighbouring numbers give unrelated ones.</summary>
    private static ulong Mixed(ulong number) {
        ulong z = unchecked(number + 0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
