using System.Collections.Concurrent;

namespace DenseEngine.Ops;

/// <summary>The tiles there are: rows by columns.</summary>
internal enum TileKind {
    Of64x64,
    Of128x64,
    Of64x128,
    Of128x128,

    /// <summary>64 by 64, of sides that are not all vectors.</summary>
    Odd64x64,
}

/// <summary>How a product is made.</summary>
/// <param name="Kind">The tile.</param>
/// <param name="Parts">Parts that the inner places are cut into, each with tiles of its own, added up in order afterwards.</param>
internal readonly record struct TilePlan(TileKind Kind, int Parts) {
    /// <summary>Inner places of a part, the last aside, are a multiple of this: of every tile's step.</summary>
    public const int PartStep = 16;

    /// <summary>Inner places of a part.</summary>
    public int Places(int inner) => ((inner + Parts - 1) / Parts + PartStep - 1) / PartStep * PartStep;
}

/// <summary>Which tile a product takes, and in how many parts: by its sizes alone, never by the device, so that the same inputs give the
/// same bits everywhere. The tile does not change them (each result is one sum, in order); the parts do.</summary>
internal static class TileChoice {
    /// <summary>What a tile is reckoned to do on an H200, for which the choice is made.</summary>
    /// <param name="Kind">The tile.</param>
    /// <param name="Rows">Its rows.</param>
    /// <param name="Columns">Its columns.</param>
    /// <param name="Together">Tiles that a multiprocessor works at together: as its registers allow.</param>
    /// <param name="Full">Share of a multiprocessor's products that they make together.</param>
    /// <param name="Alone">Share that one alone makes.</param>
    private readonly record struct Speed(TileKind Kind, int Rows, int Columns, int Together, double Full, double Alone);

    /// <summary>The table. Together is read in machine code (docs/kernels.md); the shares are reckoned from the instructions in it and the
    /// width of shared memory, not measured on a card.</summary>
    private static readonly Speed[] Speeds = [
        new(TileKind.Of128x128, 128, 128, 2, 0.85, 0.65),
        new(TileKind.Of128x64, 128, 64, 2, 0.72, 0.50),
        new(TileKind.Of64x128, 64, 128, 2, 0.72, 0.50),
        new(TileKind.Of64x64, 64, 64, 4, 0.50, 0.30),
        new(TileKind.Odd64x64, 64, 64, 4, 0.35, 0.15),
    ];

    /// <summary>An H200's multiprocessors, the products that each makes in a clock, and the bytes that its memory moves in one.</summary>
    private const int Multiprocessors = 132, Products = 128, Bytes = 2400;

    /// <summary>Clocks before a tile's first product and after its last; clocks of a launch.</summary>
    private const int Ends = 2000, Launch = 6000;

    /// <summary>The least inner places of a part, and the most parts.</summary>
    private const int LeastPart = 128, MostParts = 32;

    [ThreadStatic]
    private static TilePlan? forced;

    /// <summary>Has this thread's products made as given, as far as they can be, until disposed; for tests and measurements.</summary>
    public static IDisposable Force(TilePlan plan) => new Forcing(plan);

    private sealed class Forcing : IDisposable {
        private readonly TilePlan? before = forced;

        public Forcing(TilePlan plan) => forced = plan;

        public void Dispose() => forced = before;
    }

    /// <summary>What was chosen for sizes that came before.</summary>
    private static readonly ConcurrentDictionary<(int, int, int, int, int, bool), TilePlan> Chosen = new();

    /// <summary>The plan that is reckoned to be the fastest; of equals the first.</summary>
    /// <param name="to">The product.</param>
    /// <param name="count">Elements of the tensor that it goes to: it can be cut only if it gives all.</param>
    /// <param name="fours">Whether both sides load vectors.</param>
    public static TilePlan Of(in TileOutput to, int count, bool fours) {
        if (forced is { } plan) return new(fours ? plan.Kind : TileKind.Odd64x64,
            to.Covers(count) ? Math.Clamp(plan.Parts, 1, Math.Max(1, to.Inner / TilePlan.PartStep)) : 1);
        return Chosen.GetOrAdd((to.Rows, to.Columns, to.Inner, to.Batches, to.Covers(count) ? count : 0, fours), (_, product) =>
            Reckoned(product, count, fours), to);
    }

    private static TilePlan Reckoned(TileOutput to, int count, bool fours) {
        TilePlan best = default;
        double least = double.PositiveInfinity;
        foreach (TilePlan each in Candidates(to, count, fours)) {
            double clocks = Clocks(to, each);
            if (clocks < least) (best, least) = (each, clocks);
        }
        return best;
    }

    /// <summary>All plans that a product may take.</summary>
    public static IEnumerable<TilePlan> Candidates(TileOutput to, int count, bool fours) {
        int most = to.Covers(count) ? Math.Clamp(to.Inner / LeastPart, 1, MostParts) : 1;
        foreach (Speed speed in Speeds.Where(speed => fours != (speed.Kind == TileKind.Odd64x64)))
            for (int parts = 1; parts <= most; parts++) yield return new(speed.Kind, parts);
    }

    /// <summary>What a plan is reckoned to take: rounds of tiles on the busiest multiprocessor, and the adding up of the parts.</summary>
    public static double Clocks(in TileOutput to, TilePlan plan) {
        Speed speed = Array.Find(Speeds, each => each.Kind == plan.Kind);
        long down = (to.Rows + speed.Rows - 1) / speed.Rows, across = (to.Columns + speed.Columns - 1) / speed.Columns;
        long tiles = down * across * to.Batches * plan.Parts;
        long busiest = (tiles + Multiprocessors - 1) / Multiprocessors, rounds = busiest / speed.Together, rest = busiest % speed.Together;
        double alone = (double)speed.Rows * speed.Columns * Math.Min(plan.Places(to.Inner), to.Inner) / Products;
        double clocks = rounds * (speed.Together * alone / speed.Full + Ends);
        if (rest > 0) {
            double share = speed.Alone + (speed.Full - speed.Alone) * (rest - 1) / Math.Max(1, speed.Together - 1);
            clocks += rest * alone / share + Ends;
        }
        if (plan.Parts > 1) clocks += Launch + 8.0 * plan.Parts * to.Rows * to.Columns * to.Batches / Bytes;
        return clocks;
    }
}
