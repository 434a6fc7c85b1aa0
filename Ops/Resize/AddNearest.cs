using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>x plus a coarser (or finer) map at nearest neighbours: <c>x + InterpolateNearest(map, x's height and width)</c> in one
    /// pass. Gradient: dy to x; each pixel of the map gets the sum over its copies.</summary>
    /// <param name="x">[N, H, W, C].</param>
    /// <param name="map">[N, h, w, C], with at least one pixel.</param>
    /// <param name="inPlace">Whether the result may take x's place, as nobody needs that any more: it does while nothing is
    /// recorded.</param>
    /// <returns>[N, H, W, C].</returns>
    /// <exception cref="ShapeException">Ranks, pictures or channels differ, or there are no pixels.</exception>
    public static Tensor AddNearest(Tensor x, Tensor map, bool inPlace = false) {
        const string name = nameof(AddNearest);
        Check.Type(name, "x", Check.Rank(name, "x", x, 4), DType.Float32);
        ResizeGeometry resize = ResizeGeometry.Of(name, map, (x.Shape[1], x.Shape[2]), null, alignCorners: false);
        Check.Shape(name, "x", x, resize.OutputShape);
        Device device = Check.SameDevice(name, x, map);
        bool over = inPlace && !NoGrad.IsRecording;
        if (over) x.MarkChanged();
        Tensor y = over ? x.Detach() : new Tensor(device, x.Shape);
        Run(device, host => AddNearestHost(host, y, x, map, resize), gpu => AddNearestGpu(gpu, y, x, map, resize));
        return Tape.Record(y, [x, map], [], (dy, saved) => [dy, saved.Needs(1) ? NearestGradient(dy, resize) : null]);
    }

    private static unsafe void AddNearestHost(HostDevice host, Tensor y, Tensor x, Tensor map, ResizeGeometry resize) {
        int channels = resize.Channels, line = resize.OutputWidth * channels;
        if (y.Count == 0) return;
        float* to = y.Pointer, first = x.Pointer, second = map.Pointer;
        bool past = to != first && Gemm.IsPast(to, (long)resize.Images * resize.OutputHeight * resize.OutputWidth, channels);
        int[] columns = ResizeTable.Nearest(resize.Width, resize.OutputWidth, resize.NearestColumn).First;
        host.Workers.ForRange(resize.Images * resize.OutputHeight, Math.Max(1, ElementwiseGrain / line), (from, until) => {
            for (int row = from; row < until; row++) {
                (int image, int oy) = Math.DivRem(row, resize.OutputHeight);
                float* source = second + ((nint)image * resize.Height + resize.NearestRow(oy)) * resize.Width * channels;
                AddSpread(to + (nint)row * line, first + (nint)row * line, source, columns, channels, past);
            }
            if (past) Gemm.Fence();
        });
    }

    /// <summary>A line plus pixels of another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void AddSpread(float* y, float* x, float* map, int[] columns, int channels, bool past) {
        foreach (int column in columns) {
            float* from = map + (nint)column * channels;
            int c = 0;
            if (past) {
                for (; c < channels; c += V.Count) (Vector512.Load(x + c) + Vector512.Load(from + c)).StoreAlignedNonTemporal(y + c);
            }
            for (; c <= channels - V.Count; c += V.Count) (Vector512.Load(x + c) + Vector512.Load(from + c)).Store(y + c);
            for (; c < channels; c++) y[c] = x[c] + from[c];
            x += channels;
            y += channels;
        }
    }
}
