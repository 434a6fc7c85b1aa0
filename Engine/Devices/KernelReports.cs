using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine;

/// <summary>The reports that kernels may have made since the host last looked.</summary>
internal sealed class KernelReports(Accelerator accelerator) : IDisposable {
    private static readonly long[] Nothing = [0, long.MaxValue];

    private readonly Lock gate = new();
    private readonly Dictionary<long, Func<int, int, string>> open = [];
    private MemoryBuffer1D<long, Stride1D.Dense>? cells;
    private int last, seen, seenTwice;

    /// <summary>What a launch about to be made reports with.</summary>
    /// <param name="message">Says what is wrong, given the place that the kernel notes and the value there.</param>
    public KernelReport Open(Func<int, int, string> message) {
        lock (gate) {
            if (cells is null) {
                cells = accelerator.Allocate1D<long>(Nothing.Length);
                cells.View.BaseView.CopyFromCPU(accelerator.DefaultStream, Nothing);
            }
            open[++last] = message;
            return new KernelReport(cells.View.BaseView, last);
        }
    }

    /// <summary>Throws what was reported; called after the device was waited for. A launch is looked for twice, as another thread may have
    /// waited just before it was made.</summary>
    /// <exception cref="ShapeException">A kernel found its data wrong.</exception>
    public void ThrowIfAny() {
        lock (gate) {
            if (seenTwice == last) return;
            long[] found = new long[Nothing.Length];
            cells!.View.BaseView.CopyToCPU(accelerator.DefaultStream, found);
            Func<int, int, string>? message = open.GetValueOrDefault(found[0]);
            for (; seenTwice < seen; seenTwice++) open.Remove(seenTwice + 1);
            seen = last;
            if (found[0] == 0) return;
            cells.View.BaseView.CopyFromCPU(accelerator.DefaultStream, Nothing);
            if (message is not null) throw new ShapeException(message((int)(found[1] >> 32), (int)found[1]));
        }
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose() => cells?.Dispose();
}
