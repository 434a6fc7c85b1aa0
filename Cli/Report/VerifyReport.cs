using System.Globalization;
using System.Text.Json;
using DenseEngine.Cases;

namespace DenseEngine.Cli;

/// <summary>What <c>dense verify</c> found: as a table, and as JSON that can be kept beside a card's and a driver's name.</summary>
internal static class VerifyReport {
    private static readonly string[] Head = ["operation", "cases", "error", "bits", "device", "host", "times", "verdict"];

    /// <summary>Shows the table, then what is wrong.</summary>
    public static void Show(IReadOnlyList<ItemResult> results) {
        Terminal.Figures(Head, results.Select(Cells));
        foreach (ItemResult result in results.Where(result => result.Message is not null))
            Terminal.Line($"{result.Name}: {Terminal.Printable(result.Message!)}");
        Terminal.Line("error: the largest, as a share of what is allowed; device, host: ms of a call");
        Terminal.Line("with its gradients; times: host / device");
    }

    /// <summary>The last line.</summary>
    public static string Summary(IReadOnlyList<ItemResult> results) {
        int agree = results.Count(result => result.Verdict == Verdict.Agrees);
        return string.Create(CultureInfo.InvariantCulture, $"{agree} agree, {results.Count - agree} differ");
    }

    /// <summary>A line of the table.</summary>
    public static IReadOnlyList<string> Cells(ItemResult result) => [result.Name,
        result.Cases.ToString(CultureInfo.InvariantCulture), Figure(result.Share), Bits(result.Verdict), Figure(result.DeviceTime),
        Figure(result.HostTime), Figure(result.HostTime / result.DeviceTime), Word(result.Verdict)];

    /// <summary>Writes all of it.</summary>
    public static void Write(string path, DeviceDescription device, string precision,
        IReadOnlyList<ItemResult> results) {
        using FileStream file = File.Create(path);
        using var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("date", DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        json.WriteString("dense", typeof(Tensor).Assembly.GetName().Version!.ToString(3));
        json.WriteString("kernels", InfoCommand.Kernels);
        json.WriteString("device", device.Name);
        json.WriteString("model", device.Model);
        json.WriteNumber("memory", device.Memory);
        json.WriteString("driver", device.Driver);
        json.WriteString("precision", precision);
        json.WriteNumber("hostThreads", HostDevice.Default.Workers.Count);
        json.WriteStartArray("lines");
        foreach (ItemResult result in results) {
            json.WriteStartObject();
            json.WriteString("name", result.Name);
            json.WriteNumber("cases", result.Cases);
            if (double.IsFinite(result.Share)) json.WriteNumber("error", Math.Round(result.Share, 6));
            else json.WriteNull("error");
            json.WriteString("verdict", Word(result.Verdict));
            if (result.DeviceTime is { } there) json.WriteNumber("deviceMs", Math.Round(there, 4));
            if (result.HostTime is { } here) json.WriteNumber("hostMs", Math.Round(here, 4));
            if (result.Message is not null) json.WriteString("message", result.Message);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Word(Verdict verdict) => verdict.ToString().ToLowerInvariant();

    private static string Bits(Verdict verdict) => verdict switch { Verdict.Varies => "vary", Verdict.Fails => "-", _ => "same" };

    /// <summary>Three digits.</summary>
    private static string Figure(double? value) => value switch {
        null => "-",
        double.PositiveInfinity => "inf",
        >= 100 => value.Value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.Value.ToString("0.0", CultureInfo.InvariantCulture),
        >= 1 => value.Value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.000", CultureInfo.InvariantCulture),
    };
}
