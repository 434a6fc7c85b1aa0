using System.Globalization;
using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

/// <summary>Times every tile that a product or convolution may take, beside the one that it chooses: what the tables of
/// <see cref="TileChoice"/> ought to say on this card.</summary>
internal static class GpuTiles {
    private const int Rounds = 5;
    private const double Slice = 0.01;   // seconds of a plan in each round
    private static readonly int[] Parts = [1, 2, 4, 8, 16];
    private static readonly string[] Precisions = ["float32", "tf32", "bf16"];

    /// <summary>Prints a line for each shape and precision with its fastest plans; writes all of them to gpu-tiles.tsv.</summary>
    public static int Run(GpuDevice device, bool small, string[] parts, string folder) {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, "gpu-tiles.tsv");
        File.WriteAllLines(path, ["item\tprecision\tplan\tms\tTFLOP/s"]);
        Console.WriteLine($"{device.Description}; chosen plan and the fastest, ms");
        foreach (GpuItem item in Items(small).Where(item => device.Supports(GpuWorker.PrecisionOf(item)) && (parts.Length == 0
            || Array.Exists(parts, part => $"{item.Name} {item.Precision}".Contains(part, StringComparison.OrdinalIgnoreCase))))) {
            try {
                File.AppendAllLines(path, Measure(device, item, folder));
            } catch (Exception e) when (e is not OutOfMemoryException) {
                Console.WriteLine($"{item.Name,-36} {item.Precision,-8} {e.GetType().Name}: {e.Message}");
            }
            device.Pool.Trim();
        }
        Console.WriteLine($"{path} has every plan");
        return 0;
    }

    /// <summary>Products, and the convolutions of GFL-R50 whose sizes differ most.</summary>
    private static IEnumerable<GpuItem> Items(bool small) =>
        from item in GpuItems.Shapes(small)
        from precision in Precisions
        select item with { Precision = precision };

    private static IEnumerable<string> Measure(GpuDevice device, GpuItem item, string folder) {
        device.Precision = GpuWorker.PrecisionOf(item);
        using var scope = new TensorScope();
        var work = GpuWork.Of(item, device, folder);
        (string Name, Action<Action> Under)[] plans = [("chosen", run => run()), .. Plans(item)];
        var best = plans.ToDictionary(plan => plan.Name, _ => double.PositiveInfinity);
        foreach ((string name, Action<Action> under) in plans) under(() => GpuWorker.Seconds(device, work, 2));
        for (int round = 0; round < Rounds; round++)
            foreach ((string name, Action<Action> under) in plans) under(() => {
                int runs = double.IsFinite(best[name]) ? (int)Math.Clamp(Slice / best[name], 1, 200) : 2;
                best[name] = Math.Min(best[name], GpuWorker.Seconds(device, work, runs));
            });
        string[] fastest = [.. best.OrderBy(plan => plan.Value).Take(3).Select(plan => string.Create(CultureInfo.InvariantCulture,
            $"{plan.Key} {1e3 * plan.Value:0.000}"))];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{item.Name,-36} {item.Precision,-8} {1e3 * best["chosen"],9:0.000}   {string.Join(", ", fastest)}"));
        return best.Select(plan => string.Create(CultureInfo.InvariantCulture,
            $"{item.Name}\t{item.Precision}\t{plan.Key}\t{1e3 * plan.Value:0.0000}\t{item.Operations / plan.Value * 1e-12:0.00}"));
    }

    /// <summary>Plans by name: each runs something under it.</summary>
    private static IEnumerable<(string Name, Action<Action> Under)> Plans(GpuItem item) {
        if (item is { Precision: "float32", Kind: "conv", Size: 3 }) yield return ("Winograd", Winograd);
        foreach (int cut in Parts) {
            if (item.Precision == "float32") {
                foreach (TileKind kind in Enum.GetValues<TileKind>().Where(kind => kind != TileKind.Odd64x64))
                    yield return ($"{kind}/{cut}", run => Under(TileChoice<TileKind>.Force(kind, cut), run));
            } else {
                foreach (TensorTileKind kind in Enum.GetValues<TensorTileKind>().Where(kind => kind != TensorTileKind.Any))
                    yield return ($"{kind}/{cut}", run => Under(TileChoice<TensorTileKind>.Force(kind, cut), run));
            }
        }
    }

    private static void Winograd(Action run) {
        using (new ConvForce(ConvMethod.Winograd)) run();
    }

    private static void Under(IDisposable plan, Action run) {
        using (plan)
        using (new ConvForce(ConvMethod.Product)) run();
    }
}
