using System.Diagnostics;
using System.Globalization;

namespace DenseEngine.Benchmarks;

/// <summary>The benchmark of a GPU, against PyTorch on the same one where Python has it: both sides are processes that take
/// turns.</summary>
internal static class GpuProgram {
    private const string Usage = """
        Usage: gpu [--device cuda:0] [--peer FOLDER] [--torch-device cuda:0|cpu] [--python python3] [--no-peer] [--small] [--minutes 8]
                   [--patience 120] [--out artifacts/gpu] [PART...]
               gpu --tiles [--device cuda:0] [--small] [--out artifacts/gpu] [PART...]   every tile of products and convolutions
        PART: parts of items' names or precisions; all items without. FOLDER has gpu_worker.py.
        """;

    /// <summary>Runs; 0 if every item was measured and agreed with the peer, else 1.</summary>
    public static int Run(string[] arguments) {
        var options = new Dictionary<string, string>();
        var parts = new List<string>();
        for (int i = 0; i < arguments.Length; i++) {
            if (arguments[i] is "--small" or "--no-peer" or "--tiles") options[arguments[i]] = "";
            else if (arguments[i] is "--device" or "--peer" or "--torch-device" or "--python" or "--minutes" or "--patience" or "--out"
                && i + 1 < arguments.Length) options[arguments[i]] = arguments[++i];
            else if (arguments[i].StartsWith('-')) {
                Console.Error.WriteLine(Usage);
                return 2;
            } else parts.Add(arguments[i]);
        }
        string Option(string name, string otherwise) => options.GetValueOrDefault(name, otherwise);
        double Number(string name, double otherwise) {
            if (!options.TryGetValue(name, out string? text)) return otherwise;
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                && number > 0 && number < 1e6 ? number : throw new FormatException($"{name} is '{text}'; it must be a number above zero.");
        }
        string device = Option("--device", GpuDevice.Names()[0]);
        string torch = Option("--torch-device", device.StartsWith("cuda", StringComparison.Ordinal) ? device : "cpu");
        string output = Option("--out", Path.Combine("artifacts", "gpu"));
        string scratch = Directory.CreateTempSubdirectory("dense-gpu-").FullName;
        try {
            Directory.CreateDirectory(output);   // or it fails now, not after all the work
            if (GpuDevice.Describe().FirstOrDefault(one => one.Name == device) is { IsProcessor: true })
                Console.Error.WriteLine($"gpu: {device} is the processor running kernels; its times mean nothing");
            if (options.ContainsKey("--tiles")) {
                using var gpu = GpuDevice.Open(device);
                return GpuTiles.Run(gpu, options.ContainsKey("--small"), [.. parts], output);
            }
            var patience = TimeSpan.FromSeconds(Number("--patience", 120));
            double minutes = Number("--minutes", 8);
            bool Asked(GpuItem item) => parts.Count == 0
                || parts.Exists(part => $"{item.Name} {item.Precision} {item.Kind}".Contains(part, StringComparison.OrdinalIgnoreCase));
            GpuItem[] items = [.. GpuItems.All(options.ContainsKey("--small")).Where(item => item.IsRoof || Asked(item))];
            if (!items.Any(Asked)) throw new FormatException($"'{string.Join("', '", parts)}' is in no item's name.");
            using var ours = new WorkerProcess("DenseEngine", patience, Environment.ProcessPath!,
                [.. Host(), "gpu-worker", device, scratch]);
            ours.Start();
            using WorkerProcess? peer = options.ContainsKey("--no-peer") ? null : Peer(Option("--python", "python3"),
                Path.Combine(Option("--peer", Path.Combine("Benchmarks", "peer")), "gpu_worker.py"), patience, scratch, torch);
            var report = new GpuReport([Card(), ours.Version, peer?.Version ?? "no PyTorch"]);
            var comparison = new GpuComparison(ours, peer, scratch);
            var since = Stopwatch.StartNew();
            foreach (GpuItem item in items) {
                report.Add(since.Elapsed.TotalMinutes > minutes ? new GpuRow(item) { Note = $"left out: {minutes} minutes were over" }
                    : comparison.Measure(item));
                report.Write(output, since.Elapsed);   // what is measured is kept, should this be ended
            }
            report.Conclude(output);
            return report.Failed ? 1 : 0;
        } catch (Exception e) when (e is InvalidOperationException or FormatException or DeviceException or IOException
            or UnauthorizedAccessException) {
            Console.Error.WriteLine("gpu: " + e.Message);
            return 2;
        } finally {
            Directory.Delete(scratch, recursive: true);
        }
    }

    /// <summary>The assembly, where <c>dotnet</c> runs it.</summary>
    private static string[] Host() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(GpuProgram).Assembly.Location] : [];

    private static WorkerProcess? Peer(string python, string script, TimeSpan patience, string folder, string device) {
        if (!File.Exists(script)) {
            Console.Error.WriteLine($"gpu: {script} is not there (--peer FOLDER); without PyTorch");
            return null;
        }
        var peer = new WorkerProcess("PyTorch", patience, python, script, folder, device);
        try {
            peer.Start();
            return peer;
        } catch (InvalidOperationException e) {
            Console.Error.WriteLine($"gpu: {e.Message}; without PyTorch");
            return null;
        }
    }

    private static string Card() {
        try {
            using Process process = Process.Start(new ProcessStartInfo("nvidia-smi",
                ["--query-gpu=name,driver_version,memory.total,clocks.max.sm", "--format=csv,noheader"]) {
                RedirectStandardOutput = true,
            })!;
            return process.StandardOutput.ReadLine() is { Length: > 0 } line ? "card, driver, memory, clock: " + line : "no nvidia-smi";
        } catch (System.ComponentModel.Win32Exception) {
            return "no nvidia-smi";
        }
    }
}
