using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace DenseEngine.Benchmarks;

/// <summary>Our side as a process of its own, which may fail without ending the run: obeys lines of words between tabs.
/// <c>prepare ITEM</c> writes the results to files and answers with its ways, <c>time WAY RUNS</c> with the seconds of a run.</summary>
internal static class GpuWorker {
    /// <summary>Obeys until its input ends.</summary>
    /// <param name="name">The device.</param>
    /// <param name="folder">Where results go.</param>
    public static int Run(string name, string folder) {
        try {
            Device device = name == "host" ? HostDevice.Default : GpuDevice.Open(name);
            string where = device is GpuDevice gpu ? gpu.Description.ToString() : device.Name;
            Say($"ready\tDenseEngine {typeof(Tensor).Assembly.GetName().Version?.ToString(3)} on {where}, .NET {Environment.Version}");
            Obey(device, folder);
            return 0;
        } catch (Exception e) {
            // Whatever it was: the table says so, and the next item has a new process.
            Say("error\t" + $"{e.GetType().Name}: {e.Message}".ReplaceLineEndings(" ").Replace('\t', ' '));
            return 1;
        }
    }

    private static void Obey(Device device, string folder) {
        GpuWork? work = null;
        for (string? line = Console.ReadLine(); line is not null; line = Console.ReadLine()) {
            string[] words = line.Split('\t');
            if (words[0] == "prepare") {
                GpuItem item = JsonSerializer.Deserialize(words[1], GpuItemJson.Default.GpuItem)!;
                if (device is GpuDevice gpu) gpu.Precision = PrecisionOf(item);
                work = GpuWork.Of(item, device, folder);
                Say("ok\tdense\t" + string.Join('\t', Results(work, folder)));
            } else {
                Say("ok\t" + Seconds(device, work!, int.Parse(words[2], CultureInfo.InvariantCulture))
                    .ToString("R", CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>Writes the results as plain numbers, and says their names; <c>!</c> is one of them if a second run has other
    /// bits.</summary>
    private static List<string> Results(GpuWork work, string folder) {
        var first = new List<(string Name, float[] Values)>();
        work.Results((name, tensor) => first.Add((name, Read(tensor))));
        int i = 0;
        bool same = true;
        if (work.Repeats) work.Results((_, tensor) => same &= MemoryMarshal.AsBytes<float>(Read(tensor)).SequenceEqual(
            MemoryMarshal.AsBytes<float>(first[i++].Values)));
        foreach ((string name, float[] values) in first) {
            using FileStream file = File.Create(Path.Combine(folder, name + ".dense"));
            file.Write(MemoryMarshal.AsBytes<float>(values));
        }
        return [.. first.Select(each => each.Name), .. same ? Array.Empty<string>() : ["!"]];
    }

    private static float[] Read(Tensor tensor) =>
        tensor.DType == DType.Int32 ? Array.ConvertAll(tensor.ToIntArray(), value => (float)value) : tensor.ToArray();

    /// <summary>By the device's events where it has them, else by the clock around work that ends.</summary>
    public static double Seconds(Device device, GpuWork work, int runs) {
        void Repeat() {
            for (int run = 0; run < runs; run++) work.Run();
        }
        var gpu = device as GpuDevice;
        gpu?.Synchronize();
        long start = Stopwatch.GetTimestamp();
        TimeSpan? events = null;
        if (gpu is null) Repeat();
        else events = gpu.Time(Repeat);
        gpu?.Synchronize();
        return (events ?? Stopwatch.GetElapsedTime(start)).TotalSeconds / runs;
    }

    /// <summary>What an item's products and convolutions are computed in.</summary>
    public static Precision PrecisionOf(GpuItem item) => item.Precision switch {
        "tf32" => Precision.TensorFloat32,
        "bf16" => Precision.BFloat16,
        _ => Precision.Float32,
    };

    private static void Say(string line) {
        Console.WriteLine(line);
        Console.Out.Flush();
    }
}
