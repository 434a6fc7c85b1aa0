namespace DenseEngine.Tests;

/// <summary>A device that kernels are tested on.</summary>
/// <param name="Name">As <see cref="GpuDevice.Open(string?)"/> takes it.</param>
/// <param name="Played">What the processor plays.</param>
internal readonly record struct GpuCase(string Name, PlayedGpu Played) {
    /// <summary>Every device there is, or those of them that <c>DENSE_DEVICES</c> names (<c>cuda:0,checked</c>); the checking one twice: as
    /// the environment says, then with the other order of threads and another warp.</summary>
    public static IReadOnlyList<GpuCase> All { get; } = [.. Find()];

    /// <summary>The same, and the checking ones in the other order each.</summary>
    public static IReadOnlyList<GpuCase> BothOrders { get; } = [.. All, .. All.Where(place => place.Name == "checked")
        .Select(place => place with { Played = place.Played with { Reversed = !place.Played.Reversed } })];

    /// <summary>Each name on the host, and on each device but ILGPU's own processor, which is slow for whole networks and fixtures: it has
    /// the operations' samples, unless <c>DENSE_ILGPU_CPU=all</c> is set.</summary>
    public static Xunit.TheoryData<string, string> Everywhere(IEnumerable<string> names) =>
        On([HostDevice.Default.Name, .. Fast.Select(place => $"{place}")], names);

    /// <summary>The same without the host, and the checking device once: for what neither the order of threads nor the warp has a part in.
    /// Where there is no such device the host has rows: xunit wants some.</summary>
    public static Xunit.TheoryData<string, string> OnDevices(IEnumerable<string> names) =>
        On([.. Fast.DistinctBy(place => place.Name).Select(place => $"{place}").DefaultIfEmpty(HostDevice.Default.Name)], names);

    private static IEnumerable<GpuCase> Fast =>
        All.Where(place => place.Name != "ilgpu-cpu" || Environment.GetEnvironmentVariable("DENSE_ILGPU_CPU") == "all");

    private static Xunit.TheoryData<string, string> On(string[] places, IEnumerable<string> names) {
        var data = new Xunit.TheoryData<string, string>();
        foreach (string name in names)
            foreach (string place in places) data.Add(name, place);
        return data;
    }

    /// <summary>The device that one of <see cref="All"/> calls itself; null for the host.</summary>
    public static GpuDevice? Open(string place) =>
        place == HostDevice.Default.Name ? null : All.Single(each => each.ToString() == place).Open();

    /// <summary>The most numbers that a sample may be of, results and gradients included, on ILGPU's own processor, where each thread of a
    /// kernel is one of the system: a hundred times slower than the checking runtime.</summary>
    public const int SmallSample = 100_000;

    /// <summary>Whether a sample of so many numbers is run there.</summary>
    public bool Takes(int count) => Name != "ilgpu-cpu" || count <= SmallSample;

    public GpuDevice Open() => GpuDevice.Open(Name, Played);

    public override string ToString() => Name == "checked"
        ? $"{Name} (warps of {Played.WarpSize}, {(Played.Reversed ? "reversed" : "forward")})" : Name;

    private static IEnumerable<GpuCase> Find() {
        var played = PlayedGpu.FromEnvironment();
        string[]? wanted = Environment.GetEnvironmentVariable("DENSE_DEVICES")?.Split(',');
        foreach (string name in GpuDevice.Names()) {
            if (wanted?.Contains(name) == false) continue;
            yield return new GpuCase(name, name == "ilgpu-cpu" ? played with { LargestGroup = Math.Min(played.LargestGroup, 256) }
                : played);
            if (name == "checked") yield return new GpuCase(name,
                played with { WarpSize = played.WarpSize == 8 ? 32 : 8, Reversed = !played.Reversed });
        }
    }
}
