using System.CommandLine;
using DenseEngine.Cases;

namespace DenseEngine.Cli;

/// <summary><c>dense verify</c>: runs every operation's cases and a small detector on a device, and compares them with the host: whether a
/// new card or driver can be trusted, and how fast it is.</summary>
internal static class VerifyCommand {
    /// <summary>The most numbers that a case may be of on ILGPU's own processor, where each thread of a kernel is one of the
    /// system.</summary>
    private const int SmallCase = 100_000;

    private sealed record Options(string? Device, string? Filter, string? Fixtures, string? Json, string Precision);

    /// <summary>The command.</summary>
    public static Command Create() {
        var device = new Option<string?>("--device") {
            Description = "Which device, of those that `dense info` lists; the first GPU if not given.",
            HelpName = "D"
        };
        Option<string> precision = CommonOptions.Precision();
        var filter = new Option<string?>("--filter") { Description = "Only lines with this in their name.", HelpName = "TEXT" };
        var fixtures = new Option<string?>("--fixtures") {
            Description = "Runs PyTorch's results in it, too (Tests/Fixtures/ops).",
            HelpName = "FOLDER"
        };
        var json = new Option<string?>("--json") {
            Description = "Writes the table there, with date, device and driver.",
            HelpName = "FILE"
        };
        var command = new Command("verify", "Compares a device with the host: errors and speeds of every operation.") {
            device, precision, filter, fixtures, json
        };
        command.SetAction((parsed, cancel) => Task.FromResult(Run(new Options(parsed.GetValue(device), parsed.GetValue(filter),
            parsed.GetValue(fixtures), parsed.GetValue(json), parsed.GetValue(precision)!), cancel)));
        return command;
    }

    /// <summary>The lines that a filter leaves.</summary>
    /// <param name="rows">The operations.</param>
    /// <param name="filter">A part of a line's name, in any case; null for all.</param>
    /// <param name="fixtures">A folder with fixture files, or null.</param>
    /// <param name="device">What will run them.</param>
    /// <param name="precision">How exactly.</param>
    public static VerifyItem[] Items(IEnumerable<OpRow> rows, string? filter, string? fixtures, DeviceDescription device,
        Precision precision = Precision.Float32) {
        var bounds = new Bounds(precision);
        return [.. rows.Where(row => Chosen(row.Method)).OrderBy(row => row.Method, StringComparer.Ordinal)
            .Select(row => OperationItems.Of(row, fixtures, count => device.Name != "ilgpu-cpu" || count <= SmallCase,
                bounds, large: !device.IsProcessor)),
            .. new DetectorItems(bounds).All.Where(item => Chosen(item.Name))];
        bool Chosen(string name) => filter is null || name.Contains(filter, StringComparison.OrdinalIgnoreCase);
    }

    private static int Run(Options options, CancellationToken cancel) {
        string[] names = [.. GpuDevice.Names()];
        if (options.Device is { } asked && !names.Contains(asked))
            return Terminal.Refuse($"There is no device '{asked}' to compare with the host; there are {string.Join(", ", names)}.");
        string name = options.Device ?? names[0];
        if (options.Fixtures is { } folder && !Directory.Exists(folder)) return Terminal.Refuse($"{folder}: there is no such folder.");
        if (options.Json is not null) CommonOptions.CheckFile(options.Json);
        DeviceDescription device = GpuDevice.Describe().Single(one => one.Name == name);
        Precision precision;
        using (var gpu = (GpuDevice)CommonOptions.Open(name, options.Precision)) precision = gpu.Precision;   // or it is refused
        GpuDevice Open() {
            var gpu = GpuDevice.Open(name);
            gpu.Precision = precision;
            return gpu;
        }
        VerifyItem[] items = Items(OpCases.Rows.Values, options.Filter, options.Fixtures, device, precision);
        if (items.Length == 0) return Terminal.Refuse($"'{options.Filter}' is in no operation's name.");
        Terminal.Note(device.ToString());
        if (device.IsProcessor) Terminal.Note((options.Device is null ? "there is no GPU: " : "")
            + "the processor runs the kernels; its times mean nothing");

        var results = new List<ItemResult>();
        bool stopped = false;
        Terminal.Progress("verifying", show => stopped = !Verify(items, Open, results, show, cancel));
        VerifyReport.Show(results);
        if (options.Json is not null) VerifyReport.Write(options.Json, device, options.Precision, results);
        if (stopped) Terminal.Note($"stopped; {results.Count} of {items.Length} lines are done");
        Terminal.Line(VerifyReport.Summary(results));
        return stopped ? Interrupt.ExitCode : ExitCode(results);
    }

    /// <summary>0 if all agree, else 1.</summary>
    public static int ExitCode(IReadOnlyList<ItemResult> results) => results.All(result => result.Verdict == Verdict.Agrees) ? 0 : 1;

    /// <summary>Whether the end was reached.</summary>
    private static bool Verify(VerifyItem[] items, Func<GpuDevice> open, List<ItemResult> results, Action<double, string> show,
        CancellationToken cancel) {
        using var verification = new Verification(open);
        using var cancellation = new CancelScope(cancel);
        try {
            foreach (VerifyItem item in items) {
                show((double)results.Count / items.Length, item.Name);
                results.Add(verification.Run(item));
            }
            return true;
        } catch (OperationCanceledException) {
            return false;
        }
    }
}
