using System.Diagnostics;

namespace DenseEngine.Cases;

/// <summary>Times calls.</summary>
internal static class Clock {
    private const int MostCalls = 20;
    private const double EnoughMs = 500, LongMs = 2000;

    /// <summary>The shortest of several calls in milliseconds, after one that compiles and touches memory for the first time; where
    /// that one took seconds, it is the only one.</summary>
    /// <param name="device">Waited for after each call.</param>
    /// <param name="call">What is timed.</param>
    public static double Shortest(Device device, Action call) {
        double first = Once(device, call), shortest = double.PositiveInfinity, spent = 0;
        if (first > LongMs) return first;
        for (int i = 0; i < MostCalls && spent < EnoughMs; i++) {
            double time = Once(device, call);
            (shortest, spent) = (Math.Min(shortest, time), spent + time);
        }
        return shortest;
    }

    private static double Once(Device device, Action call) {
        long start = Stopwatch.GetTimestamp();
        call();
        (device as GpuDevice)?.Synchronize();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
