namespace DenseEngine.Ops;

/// <summary>How many boxes' words of the mask of overlaps are there at once on a device, so that however many candidates there may be, the
/// mask stays small. A test may ask for fewer, until disposed, on its thread.</summary>
internal sealed class MaskStrip : IDisposable {
    /// <summary>Words of a mask: 64 MB, which 22,000 boxes need at once.</summary>
    private const int MostWords = 1 << 24;

    [ThreadStatic]
    private static MaskStrip? current;

    private readonly MaskStrip? outer = current;
    private readonly int asked;

    /// <summary>Asks for strips of so many boxes, a multiple of 32.</summary>
    public MaskStrip(int boxes) {
        asked = boxes;
        current = this;
    }

    /// <summary>The boxes of a strip, a multiple of 32.</summary>
    /// <param name="words">Words of a box: one for each 32 boxes.</param>
    public static int Boxes(int words) => Math.Min(32 * words, current?.asked ?? Math.Max(32, MostWords / words / 32 * 32));

    /// <inheritdoc/>
    public void Dispose() => current = outer;
}
