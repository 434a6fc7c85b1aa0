using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace DenseEngine.Benchmarks;

/// <summary>Measures items: first the results of both sides are compared, then they take turns.</summary>
internal sealed class GpuComparison(WorkerProcess ours, WorkerProcess? peer, string folder) {
    private const int Rounds = 5, MostRuns = 500;
    private const double Slice = 0.04;   // seconds of a way in each round

    /// <summary>One item. Nothing that fails in it is thrown: the row says so.</summary>
    public GpuRow Measure(GpuItem item) {
        var row = new GpuRow(item);
        string json = JsonSerializer.Serialize(item, GpuItemJson.Default.GpuItem), note = "";
        foreach (string side in (string[])["*.dense", "*.torch"])
            foreach (string file in Directory.GetFiles(folder, side)) File.Delete(file);
        // The peer is first: it writes the weights of networks.
        string[]? ways = Try(peer, ref note, side => side.Ask("prepare", json));
        string[]? results = Try(ours, ref note, side => side.Ask("prepare", json));
        if (results is not null && Array.IndexOf(results, "!") > 0) note += "a second run had other bits; ";
        if (results is not null && ways is not null) note += Difference(item, results.Skip(1).Where(name => name != "!"));
        var turns = new List<Turn>();
        if (results is not null) turns.Add(new Turn(ours, "dense"));
        if (ways is not null) turns.AddRange(ways.Select(way => new Turn(peer!, way)));
        InTurn(turns, ref note);
        Turn? best = turns.Where(turn => turn.Side == peer && turn.Seconds.Count > 0).MinBy(turn => turn.Median);
        return row with {
            Ours = turns.Find(turn => turn.Side == ours)?.Median ?? double.NaN,
            Peer = best?.Median ?? double.NaN,
            Way = best?.Way ?? "",
            Note = note.TrimEnd(' ', ';'),
        };
    }

    private static void InTurn(List<Turn> turns, ref string note) {
        foreach (Turn turn in turns) {
            Try(turn.Side, ref note, side => turn.Ask(side, 2));
            double? first = Try(turn.Side, ref note, side => (double?)turn.Ask(side, 3));
            if (first is { } seconds) turn.Runs = (int)Math.Clamp(Slice / seconds, 1, MostRuns);
        }
        for (int round = 0; round < Rounds; round++) {
            foreach (Turn turn in turns.Where(turn => turn.Runs > 0)) {
                double? seconds = Try(turn.Side, ref note, side => (double?)turn.Ask(side, turn.Runs));
                if (seconds is { } value) turn.Seconds.Add(value);
                else turn.Runs = 0;
            }
        }
    }

    private static T? Try<T>(WorkerProcess? side, ref string note, Func<WorkerProcess, T> ask) {
        if (side is null) return default;
        try {
            return ask(side);
        } catch (Exception e) when (e is InvalidOperationException or IOException) {
            note += e.Message + "; ";
            return default;
        }
    }

    /// <summary>What is wrong with the results, in words; nothing if they agree to what rounding of the precision allows, as a share of
    /// the largest value.</summary>
    private string Difference(GpuItem item, IEnumerable<string> names) {
        bool network = item.Kind.StartsWith("gfl", StringComparison.Ordinal);
        double allowed = (item.Precision switch { "float32" => 1e-4, "tf32" => 2e-3, _ => 2e-2 }) * (network ? 10 : 1);
        double worst = 0;
        string where = "";
        foreach (string name in names) {
            string theirs = Path.Combine(folder, name + ".torch");
            if (!File.Exists(theirs)) continue;
            float[] a = Read(Path.Combine(folder, name + ".dense")), b = Read(theirs);
            if (a.Length != b.Length) return $"{name} has {a.Length} numbers here and {b.Length} there; ";
            double largest = 0, distance = 0;
            for (int i = 0; i < a.Length; i++) {
                largest = Math.Max(largest, Math.Abs(b[i]));
                double each = Math.Abs(a[i] - b[i]);
                if (!(each <= distance)) distance = each;
            }
            double share = distance / Math.Max(largest, 1e-30) / allowed;
            if (!(share <= worst)) (worst, where) = (share, name);
        }
        return worst <= 1 ? "" : string.Create(CultureInfo.InvariantCulture,
            $"results differ: {where} by {worst * allowed:0.0e0} of the largest, {allowed:0e0} allowed; ");
    }

    private static float[] Read(string path) => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(path)).ToArray();

    private sealed class Turn(WorkerProcess side, string way) {
        public WorkerProcess Side => side;
        public string Way => way;
        public int Runs { get; set; }
        public List<double> Seconds { get; } = [];

        public double Median => Seconds.Count == 0 ? double.NaN : Seconds.Order().ElementAt(Seconds.Count / 2);

        public double Ask(WorkerProcess worker, int runs) =>
            double.Parse(worker.Ask("time", way, runs.ToString(CultureInfo.InvariantCulture))[0], CultureInfo.InvariantCulture);
    }
}
