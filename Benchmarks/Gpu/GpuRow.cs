using System.Globalization;

namespace DenseEngine.Benchmarks;

/// <summary>What was measured of an item.</summary>
/// <param name="Item">The item.</param>
internal sealed record GpuRow(GpuItem Item) {
    /// <summary>Seconds of a run, the median of the rounds; NaN where it was not measured.</summary>
    public double Ours { get; init; } = double.NaN;

    /// <summary>PyTorch's, of its best way.</summary>
    public double Peer { get; init; } = double.NaN;

    /// <summary>That way's name.</summary>
    public string Way { get; init; } = "";

    /// <summary>What is to be said of it: a failure, results that differ.</summary>
    public string Note { get; init; } = "";

    /// <summary>PyTorch's time over ours.</summary>
    public double Ratio => Peer / Ours;

    /// <summary>The best of both sides, for roofs.</summary>
    public double Best => double.IsNaN(Ours) ? Peer : double.IsNaN(Peer) ? Ours : Math.Min(Ours, Peer);

    /// <summary>The line of the table: item, precision, ours, PyTorch, ratio, rate, share of the roof, what was asked, note.</summary>
    public string[] Cells(GpuRoofs roofs) {
        double share = roofs.Share(this);
        (string asked, bool? met) = Item.AskedRatio > 0 ? (Number(Item.AskedRatio, "≥ 0.0#×"), Reached(Ratio, Item.AskedRatio))
            : Item.AskedShare > 0 ? (Number(100 * Item.AskedShare, "≥ 0") + " %", Reached(share, Item.AskedShare)) : ("", null);
        return [Item.Name, Item.Precision, Number(1e3 * Ours, "0.000"), Number(1e3 * Peer, "0.000") + (Way.Length > 0 ? " " + Way : ""),
            Number(Ratio, "0.00"), Rate(), Number(100 * share, "0") + (double.IsNaN(share) ? "" : " %"),
            asked + (met is { } yes ? yes ? " met" : " missed" : ""), Note];
    }

    private string Rate() => double.IsNaN(Ours) ? "" : Item.Operations / Math.Max(1, Item.Bytes) > 20
        ? Number(Item.Operations / Ours * 1e-12, "0.0") + " TFLOP/s"
        : Item.Bytes > 0 ? Number(Item.Bytes / Ours * 1e-9, "0") + " GB/s" : "";

    private static bool? Reached(double value, double asked) => double.IsNaN(value) ? null : value >= asked;

    private static string Number(double value, string format) =>
        double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "";
}

/// <summary>What the card can do at most, as measured in the run: a large copy's bytes a second, each precision's operations a second in
/// a large product, by whichever side is faster.</summary>
internal sealed class GpuRoofs {
    private readonly Dictionary<string, double> rates = [];

    /// <summary>Takes a roof's row.</summary>
    public void Take(GpuRow row) {
        double amount = row.Item.Kind == "copy" ? row.Item.Bytes : row.Item.Operations;
        string name = row.Item.Kind == "copy" ? "copy" : row.Item.Precision;
        if (double.IsFinite(row.Best)) rates[name] = Math.Max(rates.GetValueOrDefault(name), amount / row.Best);
    }

    /// <summary>How much of a row's time its bytes or operations need at the roofs, whichever is more; NaN if unknown.</summary>
    public double Share(GpuRow row) {
        double bytes = row.Item.Bytes / rates.GetValueOrDefault("copy"),
            operations = row.Item.Operations / rates.GetValueOrDefault(row.Item.Precision);
        double least = Math.Max(double.IsFinite(bytes) ? bytes : 0, double.IsFinite(operations) ? operations : 0);
        return least > 0 ? least / row.Ours : double.NaN;
    }

    /// <summary>The roofs in words.</summary>
    public override string ToString() => string.Join(", ", rates.Select(rate => rate.Key == "copy"
        ? string.Create(CultureInfo.InvariantCulture, $"copy {rate.Value * 1e-9:0} GB/s")
        : string.Create(CultureInfo.InvariantCulture, $"{rate.Key} {rate.Value * 1e-12:0.0} TFLOP/s")));
}
