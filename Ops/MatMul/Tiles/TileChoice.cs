using System.Collections.Concurrent;

namespace DenseEngine.Ops;

/// <summary>The tiles of single precision: rows by columns.</summary>
internal enum TileKind {
    Of64x64,
    Of128x64,
    Of64x128,
    Of128x128,

    /// <summary>64 by 64, of sides that are not all vectors.</summary>
    Odd64x64,
}

/// <summary>The tiles of tensor cores: rows by columns.</summary>
internal enum TensorTileKind {
    /// <summary>64 by 64, of whatever lies anyhow; the others are of what lies at multiples of 16 bytes.</summary>
    Any,

    Of64x64,
    Of128x128,
    Of128x256,
}

/// <summary>How a product is made.</summary>
/// <param name="Kind">The tile.</param>
/// <param name="Parts">Parts that the inner places are cut into, each with tiles of its own, added up in order afterwards.</param>
internal readonly record struct TilePlan<TKind>(TKind Kind, int Parts) where TKind : struct, Enum {
    /// <summary>Inner places of a part.</summary>
    public int Places(int inner) => ((inner + Parts - 1) / Parts + TileChoice.PartStep - 1) / TileChoice.PartStep * TileChoice.PartStep;
}

/// <summary>What a tile is reckoned to do on an H200, for which the choice is made.</summary>
/// <param name="Kind">The tile.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Together">Tiles that a multiprocessor works at together: as its registers allow.</param>
/// <param name="Full">Share of a multiprocessor's products that they make together.</param>
/// <param name="Alone">Share that one alone makes.</param>
internal readonly record struct TileSpeed<TKind>(TKind Kind, int Rows, int Columns, int Together, double Full, double Alone)
    where TKind : struct, Enum;

/// <summary>The tables of choices. What is together is read in machine code (docs/kernels.md); the shares are reckoned from the
/// instructions in it, the width of shared memory and the bytes that the second-level cache gives, not measured on a card.</summary>
internal static class TileChoice {
    /// <summary>Inner places of a part, the last aside, are a multiple of this: of every tile's step.</summary>
    public const int PartStep = 32;

    /// <summary>Of single precision: 128 products of a multiprocessor in a clock.</summary>
    public static TileChoice<TileKind> Floats { get; } = new(TileKind.Odd64x64, 128, 128,
        new(TileKind.Of128x128, 128, 128, 2, 0.85, 0.65),
        new(TileKind.Of128x64, 128, 64, 2, 0.72, 0.50),
        new(TileKind.Of64x128, 64, 128, 2, 0.72, 0.50),
        new(TileKind.Of64x64, 64, 64, 4, 0.50, 0.30),
        new(TileKind.Odd64x64, 64, 64, 4, 0.35, 0.15));

    /// <summary>Of tensor cores: 640 products of TensorFloat-32 of a multiprocessor in a clock, by mma.sync.</summary>
    public static TileChoice<TensorTileKind> Tensors { get; } = new(TensorTileKind.Any, 640, 256,
        new(TensorTileKind.Of128x256, 128, 256, 1, 0.80, 0.80),
        new(TensorTileKind.Of128x128, 128, 128, 2, 0.70, 0.50),
        new(TensorTileKind.Of64x64, 64, 64, 4, 0.40, 0.14),
        new(TensorTileKind.Any, 64, 64, 4, 0.20, 0.07));
}

/// <summary>Which tile a product takes, and in how many parts: by its sizes alone, never by the device, so that sums have the same
/// order everywhere. The tile does not change it (each result is one sum, in order); the parts do.</summary>
/// <param name="odd">The tile of what does not lie at multiples of 16 bytes; no other takes it, and it takes nothing else.</param>
/// <param name="products">Products that a multiprocessor makes in a clock.</param>
/// <param name="leastPart">The least inner places of a part.</param>
/// <param name="speeds">What the tiles are reckoned to do, the odd one's too.</param>
internal sealed class TileChoice<TKind>(TKind odd, int products, int leastPart, params TileSpeed<TKind>[] speeds)
    where TKind : struct, Enum {
    /// <summary>An H200's multiprocessors, and the bytes that its memory moves in a clock of one.</summary>
    private const int Multiprocessors = 132, Bytes = 2400;

    /// <summary>Clocks before a tile's first product and after its last; clocks of a launch; the most parts.</summary>
    private const int Ends = 2000, Launch = 6000, MostParts = 32;

    [ThreadStatic]
    private static TilePlan<TKind>? forced;

    /// <summary>What was chosen for sizes that came before.</summary>
    private readonly ConcurrentDictionary<(int, int, int, int, int, bool), TilePlan<TKind>> chosen = new();

    /// <summary>Has this thread's products made as given, as far as they can be, until disposed; for tests and measurements.</summary>
    public static IDisposable Force(TKind kind, int parts) => new Forcing(new(kind, parts));

    private sealed class Forcing : IDisposable {
        private readonly TilePlan<TKind>? before = forced;

        public Forcing(TilePlan<TKind> plan) => forced = plan;

        public void Dispose() => forced = before;
    }

    /// <summary>The plan that is reckoned to be the fastest; of equals the first.</summary>
    /// <param name="to">The product.</param>
    /// <param name="count">Elements of the tensor that it goes to: it can be cut only if it gives all.</param>
    /// <param name="fours">Whether all that is loaded lies at multiples of 16 bytes.</param>
    public TilePlan<TKind> Of(in TileOutput to, int count, bool fours) {
        if (forced is { } plan) return new(fours ? plan.Kind : odd,
            to.Covers(count) ? Math.Clamp(plan.Parts, 1, Math.Max(1, to.Inner / TileChoice.PartStep)) : 1);
        return chosen.GetOrAdd((to.Rows, to.Columns, to.Inner, to.Batches, to.Covers(count) ? count : 0, fours), (_, product) =>
            Candidates(product, count, fours).MinBy(each => Clocks(product, each)), to);
    }

    /// <summary>All plans that a product may take.</summary>
    public IEnumerable<TilePlan<TKind>> Candidates(TileOutput to, int count, bool fours) {
        int most = to.Covers(count) ? Math.Clamp(to.Inner / leastPart, 1, MostParts) : 1;
        foreach (TileSpeed<TKind> speed in speeds.Where(speed => fours != speed.Kind.Equals(odd)))
            for (int parts = 1; parts <= most; parts++) yield return new(speed.Kind, parts);
    }

    /// <summary>What a plan is reckoned to take: rounds of tiles on the busiest multiprocessor, and the adding up of the parts.</summary>
    private double Clocks(in TileOutput to, TilePlan<TKind> plan) {
        TileSpeed<TKind> speed = Array.Find(speeds, each => each.Kind.Equals(plan.Kind));
        long down = (to.Rows + speed.Rows - 1) / speed.Rows, across = (to.Columns + speed.Columns - 1) / speed.Columns;
        long tiles = down * across * to.Batches * plan.Parts;
        long busiest = (tiles + Multiprocessors - 1) / Multiprocessors, rounds = busiest / speed.Together, rest = busiest % speed.Together;
        double alone = (double)speed.Rows * speed.Columns * Math.Min(plan.Places(to.Inner), to.Inner) / products;
        double clocks = rounds * (speed.Together * alone / speed.Full + Ends);
        if (rest > 0) {
            double share = speed.Alone + (speed.Full - speed.Alone) * (rest - 1) / Math.Max(1, speed.Together - 1);
            clocks += rest * alone / share + Ends;
        }
        if (plan.Parts > 1) clocks += Launch + 8.0 * plan.Parts * to.Rows * to.Columns * to.Batches / Bytes;
        return clocks;
    }
}
