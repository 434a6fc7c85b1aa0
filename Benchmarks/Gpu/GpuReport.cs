using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DenseEngine.Benchmarks;

/// <summary>The table, as it grows: on the terminal, as Markdown and as JSON.</summary>
/// <param name="about">Card, driver and versions.</param>
internal sealed class GpuReport(string[] about) {
    private static readonly string[] Heads =
        ["item", "precision", "ours, ms", "PyTorch, ms", "ratio", "rate", "of the roof", "asked", "note"];

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly List<GpuRow> rows = [];
    private readonly GpuRoofs roofs = new();

    /// <summary>Whether some item could not be measured here, or its results differ.</summary>
    public bool Failed => rows.Exists(row => row.Note.Length > 0);

    /// <summary>Takes a row and shows it.</summary>
    public void Add(GpuRow row) {
        if (rows.Count == 0) {
            foreach (string line in about) Console.WriteLine(line);
            Console.WriteLine(Line(Heads));
        }
        rows.Add(row);
        if (row.Item.IsRoof) roofs.Take(row);
        Console.WriteLine(Line(row.Cells(roofs)));
    }

    /// <summary>Writes gpu-results.md and gpu-results.json.</summary>
    public void Write(string folder, TimeSpan took) {
        string date = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var text = new StringBuilder($"{date}; {string.Join("; ", about)}. Roofs: {roofs}. {took.TotalMinutes:0.0} minutes.\n\n");
        text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", Heads)} |\n|{string.Concat(Heads.Select(_ => "---|"))}\n");
        foreach (GpuRow row in rows) text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", row.Cells(roofs))} |\n");
        File.WriteAllText(Path.Combine(folder, "gpu-results.md"), text.ToString());
        var json = new JsonObject {
            ["date"] = date,
            ["about"] = new JsonArray([.. about.Select(line => JsonValue.Create(line))]),
            ["roofs"] = roofs.ToString(),
            ["rows"] = new JsonArray([.. rows.Select(row => {
                JsonNode item = JsonSerializer.SerializeToNode(row.Item, GpuItemJson.Default.GpuItem)!;
                (item["ours"], item["pytorch"], item["way"], item["note"]) = (Seconds(row.Ours), Seconds(row.Peer), row.Way, row.Note);
                return item;
            })]),
        };
        File.WriteAllText(Path.Combine(folder, "gpu-results.json"), json.ToJsonString(Indented));
    }

    /// <summary>Says how much of what is asked was met, and where the table is.</summary>
    public void Conclude(string folder) {
        int missed = rows.Count(row => row.Cells(roofs)[7].EndsWith("missed", StringComparison.Ordinal));
        int met = rows.Count(row => row.Cells(roofs)[7].EndsWith("met", StringComparison.Ordinal));
        Console.WriteLine($"roofs: {roofs}");
        Console.WriteLine($"{rows.Count} items, of what is asked {met} met, {missed} missed, {rows.Count(row => row.Note.Length > 0)} with notes; "
            + $"{Path.Combine(folder, "gpu-results.md")} and .json have the table");
    }

    private static JsonValue? Seconds(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    private static string Line(string[] cells) => string.Create(CultureInfo.InvariantCulture,
        $"{cells[0],-36} {cells[1],-9} {cells[2],9} {cells[3],22} {cells[4],6} {cells[5],14} {cells[6],11} {cells[7],14}  {cells[8]}").TrimEnd();
}
