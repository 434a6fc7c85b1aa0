using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Each channel's values that are the largest of the window around them; all other places become 0. Of equal neighbours all
    /// stay. No gradient.</summary>
    /// <param name="x">[N, H, W, C].</param>
    /// <param name="size">The window's width and height in pixels: an odd number.</param>
    /// <returns>x's shape.</returns>
    /// <exception cref="ShapeException">The rank is not 4, or the size even or below 1.</exception>
    public static Tensor LocalMaxima(Tensor x, int size = 3) {
        Check.That(size % 2 == 1 && size > 0, $"LocalMaxima: the window's size is {size}; an odd one is needed.");
        using Tensor largest = MaxPool2d(x.Detach(), size, 1, size / 2);
        var y = new Tensor(x.Device, x.Shape);
        Run(x.Device, host => LocalMaximaHost(host, y, x, largest), gpu => {
            if (x.Count > 0) gpu.Kernel(LocalMaximaKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>,
                ArrayView<float>>(LocalMaximaKernel))(Fours(x.Count), gpu.Floats(y), gpu.Floats(x), gpu.Floats(largest));
        });
        return y;
    }

    private static unsafe void LocalMaximaHost(HostDevice host, Tensor y, Tensor x, Tensor largest) {
        float* to = y.Pointer, from = x.Pointer, most = largest.Pointer;
        host.Workers.ForRange(x.Count, ElementwiseGrain, (start, end) => WhereEqual(to + start, from + start, most + start, end - start));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void WhereEqual(float* y, float* x, float* largest, int count) {
        int i = 0;
        for (; i + 16 <= count; i += 16) {
            Vector512<float> value = Vector512.Load(x + i);
            (value & Vector512.Equals(value, Vector512.Load(largest + i))).Store(y + i);
        }
        for (; i < count; i++) y[i] = x[i] == largest[i] ? x[i] : 0;
    }

    /// <summary>Four neighbouring elements a thread.</summary>
    internal static void LocalMaximaKernel(Index1D i, ArrayView<float> y, ArrayView<float> x, ArrayView<float> largest) {
        int at = 4 * i, count = x.IntLength - at;
        Float4 value = Float4.Load(x, at, count, 1), most = Float4.Load(largest, at, count, 1);
        Float4.Of(value.X == most.X ? value.X : 0, value.Y == most.Y ? value.Y : 0, value.Z == most.Z ? value.Z : 0,
            value.W == most.W ? value.W : 0).Store(y, at, count, 1);
    }
}
