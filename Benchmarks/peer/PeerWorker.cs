using System.Diagnostics;
using System.Globalization;
using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

/// <summary>DenseEngine's side of the comparison with other systems: obeys lines on its input, as Benchmarks/peer/run.py says.</summary>
internal static class PeerWorker {
    /// <summary>FOLDER THREADS: obeys. FOLDER THREADS ITEM RUNS: detects so many times, and says when the first ends and the peak
    /// memory.</summary>
    public static int Run(string folder, int threads, string[] once) {
        int has = HostDevice.Default.Workers.Count;
        if (threads != has) return Fail($"DenseEngine has {has} threads, not {threads}");
        IReadOnlyDictionary<string, PeerItem> items = PeerItem.Read();
        if (once.Length == 2) {
            Once(items[once[0]], folder, int.Parse(once[1], CultureInfo.InvariantCulture));
            return 0;
        }
        PeerWork? work = null;
        Say($"ready DenseEngine ({GemmKernel.Best.Name}, .NET {Environment.Version})");
        for (string? line = Console.ReadLine(); line is not null and not "quit"; line = Console.ReadLine()) {
            string[] words = line.Split('\t');
            try {
                if (words[0] == "prepare") {
                    work?.Dispose();
                    work = null;
                    HostDevice.Default.Pool.Trim();
                    work = PeerWork.Of(items[words[1]], folder);
                    work.Run(results => Write(Path.Combine(folder, words[1] + ".dense.safetensors"), results));
                    Say("ok\tdense");
                } else {
                    Say("ok\t" + string.Join('\t', Time(work!, int.Parse(words[2], CultureInfo.InvariantCulture))
                        .Select(seconds => seconds.ToString("F7", CultureInfo.InvariantCulture))));
                }
            } catch (Exception e) when (e is not OutOfMemoryException) {
                return Fail(e.Message);
            }
        }
        work?.Dispose();
        return 0;
    }

    private static void Once(PeerItem item, string folder, int runs) {
        using PeerWork work = PeerWork.Of(item, folder);
        for (int run = 0; run < runs; run++) {
            work.Run();
            if (run == 0) Say("first");
        }
        string peak = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        Say("peak " + peak["VmHWM:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim());
    }

    private static double[] Time(PeerWork work, int runs) {
        var seconds = new double[runs];
        foreach (ref double each in seconds.AsSpan()) {
            long start = Stopwatch.GetTimestamp();
            work.Run();
            each = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        return seconds;
    }

    /// <summary>Writes results in PyTorch's layout: channels before rows and columns.</summary>
    private static void Write(string path, IReadOnlyList<(string Name, Tensor Value)> results) {
        using var noGrad = new NoGrad();
        SafeTensorsWriter.Write(path, [.. results.Select(each =>
            (each.Name, each.Value.Shape.Rank == 4 ? Op.Permute(each.Value, 0, 3, 1, 2) : each.Value))]);
    }

    private static void Say(string line) {
        Console.WriteLine(line);
        Console.Out.Flush();
    }

    private static int Fail(string message) {
        Say("error\t" + message.ReplaceLineEndings(" "));
        return 1;
    }
}
