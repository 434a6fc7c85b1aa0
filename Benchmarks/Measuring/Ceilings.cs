using System.Diagnostics;

namespace DenseEngine.Benchmarks;

/// <summary>What the machine can do at most, measured with all threads: multiply-adds in registers, and copies by size.</summary>
internal sealed class Ceilings {
    private const int Rounds = 7;
    private static readonly Lazy<Ceilings> Measured = new(() => new Ceilings(HostDevice.Default));

    /// <summary>Bytes that a copy reads and writes, and how many it moves a second, from the second-level cache to memory.</summary>
    private readonly (double Bytes, double Rate)[] copies;

    private unsafe Ceilings(HostDevice host) {
        const long Steps = 1 << 22;
        Operations = host.Workers.Count * Steps * MultiplyAdds.OperationsAStep / Seconds(host.Workers, _ => MultiplyAdds.Run(Steps));
        copies = [.. Enumerable.Range(18, 12).Select(power => {
            int floats = 1 << power - 3, share = floats / host.Workers.Count / 64 * 64, repeats = 1 << Math.Max(0, 27 - power);
            using Tensor from = Tensor.Full([floats], 1), to = Tensor.Full([floats], 2);
            double Copy(bool pastCaches) => Seconds(host.Workers, thread => {
                for (int i = 0; i < repeats; i++) Copies.Run(from.Pointer + thread * share, to.Pointer + thread * share, share, pastCaches);
            });
            return ((double)(1L << power), 8.0 * share * host.Workers.Count * repeats / Math.Min(Copy(false), Copy(true)));
        })];
        host.Pool.Trim();
    }

    /// <summary>Those of this machine, measured once, when they are first asked for.</summary>
    public static Ceilings OfMachine => Measured.Value;

    /// <summary>Operations a second, a multiply-add being two.</summary>
    public double Operations { get; }

    /// <summary>Bytes a second that a copy moves that reads and writes so many, between the neighbouring measured sizes by
    /// proportion.</summary>
    public double Bandwidth(double bytes) {
        int above = Array.FindIndex(copies, copy => copy.Bytes >= bytes);
        if (above <= 0) return copies[above < 0 ? ^1 : 0].Rate;
        (double Bytes, double Rate) low = copies[above - 1], high = copies[above];
        double part = Math.Log2(bytes / low.Bytes) / Math.Log2(high.Bytes / low.Bytes);
        return low.Rate + part * (high.Rate - low.Rate);
    }

    /// <summary>In one line.</summary>
    public override string ToString() => FormattableString.Invariant($"{Operations / 1e9:F0} GFLOP/s; copies of ")
        + string.Join(", ", copies.Select(copy => FormattableString.Invariant($"{copy.Bytes / (1 << 20)} MB {copy.Rate / 1e9:F0}")))
        + " GB/s";

    /// <summary>From the first thread's start to the last one's end, when all do the same at once.</summary>
    private static double Seconds(HostWorkers workers, Action<int> share) {
        double least = double.PositiveInfinity;
        var (starts, ends) = (new long[workers.Count], new long[workers.Count]);
        for (int round = 0; round < Rounds; round++) {
            int arrived = 0;
            workers.For(workers.Count, thread => {
                Interlocked.Increment(ref arrived);
                while (Volatile.Read(ref arrived) < workers.Count) Thread.Yield();
                starts[thread] = Stopwatch.GetTimestamp();
                share(thread);
                ends[thread] = Stopwatch.GetTimestamp();
            });
            least = Math.Min(least, Stopwatch.GetElapsedTime(starts.Min(), ends.Max()).TotalSeconds);
        }
        return least;
    }
}
