namespace DenseEngine.Ops;

/// <summary>How many tiles of a map a device transforms at once: all, or as many as its memory shall hold.</summary>
internal readonly struct WinogradParts {
    /// <summary>Transformed numbers that are there at once, about: 512 MB.</summary>
    private const int Most = 1 << 27;

    private readonly int tiles;

    /// <summary>Cuts tiles evenly.</summary>
    /// <param name="tiles">All tiles.</param>
    /// <param name="channels">Numbers of a tile and point.</param>
    public WinogradParts(int tiles, int channels) {
        this.tiles = tiles;
        int most = Math.Max(1, ConvForce.Part(Most) / (WinogradTransforms.Points * channels));
        int parts = Math.Max(1, (tiles + most - 1) / most);
        Largest = (tiles + parts - 1) / parts;
    }

    /// <summary>Tiles of the largest part.</summary>
    public int Largest { get; }

    /// <summary>The first tile of each part, and how many it has.</summary>
    public IEnumerable<(int First, int Count)> All() {
        for (int first = 0; first < tiles; first += Largest) yield return (first, Math.Min(Largest, tiles - first));
    }
}
