using System.Collections.Concurrent;

namespace DenseEngine.Ops;

/// <summary>The tiles of tensor cores: rows by columns.</summary>
internal enum TensorTileKind {
    /// <summary>64 by 64, of whatever lies anyhow; the others are of what lies at multiples of 16 bytes.</summary>
    Any,

    Of64x64,
    Of128x128,
    Of128x256,
}

/// <summary>How a product is made by tensor cores.</summary>
/// <param name="Kind">The tile.</param>
/// <param name="Parts">Parts that the inner places are cut into, added up in order afterwards.</param>
internal readonly record struct TensorPlan(TensorTileKind Kind, int Parts) {
    /// <summary>Inner places of a part, the last aside, are a multiple of this: of every step.</summary>
    public const int PartStep = 32;

    /// <summary>Inner places of a part.</summary>
    public int Places(int inner) => ((inner + Parts - 1) / Parts + PartStep - 1) / PartStep * PartStep;
}

/// <summary>Which tile a product by tensor cores takes, and in how many parts: by its sizes alone, so that the same inputs give the same
/// bits on whatever card.</summary>
internal static class TensorChoice {
    /// <summary>What a tile is reckoned to do on an H200.</summary>
    /// <param name="Kind">The tile.</param>
    /// <param name="Rows">Its rows.</param>
    /// <param name="Columns">Its columns.</param>
    /// <param name="Together">Tiles that a multiprocessor works at together: as registers allow.</param>
    /// <param name="Full">Share of a multiprocessor's products that they make together.</param>
    /// <param name="Alone">Share that one alone makes.</param>
    private readonly record struct Speed(TensorTileKind Kind, int Rows, int Columns, int Together, double Full, double Alone);

    /// <summary>The table. Together is read in machine code (docs/kernels.md); the shares are reckoned from the bytes that a tile takes
    /// from shared memory and from the second-level cache for its products, not measured on a card.</summary>
    private static readonly Speed[] Speeds = [
        new(TensorTileKind.Of128x256, 128, 256, 1, 0.80, 0.80),
        new(TensorTileKind.Of128x128, 128, 128, 2, 0.70, 0.50),
        new(TensorTileKind.Of64x64, 64, 64, 4, 0.40, 0.14),
        new(TensorTileKind.Any, 64, 64, 4, 0.20, 0.07),
    ];

    /// <summary>An H200's multiprocessors, the products of TensorFloat-32 that each makes in a clock by mma.sync, and the bytes that its
    /// memory moves in one.</summary>
    private const int Multiprocessors = 132, Products = 640, Bytes = 2400;

    /// <summary>Clocks before a tile's first product and after its last; clocks of a launch.</summary>
    private const int Ends = 2000, Launch = 6000;

    /// <summary>The least inner places of a part, and the most parts.</summary>
    private const int LeastPart = 256, MostParts = 32;

    [ThreadStatic]
    private static TensorPlan? forced;

    /// <summary>What was chosen for sizes that came before.</summary>
    private static readonly ConcurrentDictionary<(int, int, int, int, int, bool), TensorPlan> Chosen = new();

    /// <summary>Has this thread's products made as given, as far as they can be, until disposed; for tests and measurements.</summary>
    public static IDisposable Force(TensorPlan plan) => new Forcing(plan);

    private sealed class Forcing : IDisposable {
        private readonly TensorPlan? before = forced;

        public Forcing(TensorPlan plan) => forced = plan;

        public void Dispose() => forced = before;
    }

    /// <summary>The plan that is reckoned to be the fastest; of equals the first.</summary>
    /// <param name="to">The product.</param>
    /// <param name="count">Elements of the tensor that it goes to: it can be cut only if it gives all.</param>
    /// <param name="fours">Whether all lies at multiples of 16 bytes.</param>
    public static TensorPlan Of(in TileOutput to, int count, bool fours) {
        if (forced is { } plan) return new(fours ? plan.Kind : TensorTileKind.Any,
            to.Covers(count) ? Math.Clamp(plan.Parts, 1, Math.Max(1, to.Inner / TensorPlan.PartStep)) : 1);
        return Chosen.GetOrAdd((to.Rows, to.Columns, to.Inner, to.Batches, to.Covers(count) ? count : 0, fours), (_, product) =>
            Candidates(product, count, fours).MinBy(each => Clocks(product, each)), to);
    }

    /// <summary>All plans that a product may take.</summary>
    public static IEnumerable<TensorPlan> Candidates(TileOutput to, int count, bool fours) {
        int most = to.Covers(count) ? Math.Clamp(to.Inner / LeastPart, 1, MostParts) : 1;
        foreach (Speed speed in Speeds.Where(speed => fours != (speed.Kind == TensorTileKind.Any)))
            for (int parts = 1; parts <= most; parts++) yield return new(speed.Kind, parts);
    }

    /// <summary>What a plan is reckoned to take: rounds of tiles on the busiest multiprocessor, and the adding up of the parts.</summary>
    public static double Clocks(in TileOutput to, TensorPlan plan) {
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
