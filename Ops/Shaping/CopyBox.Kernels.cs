using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The side of the tile of a plane that a group transposes, and the lines that its threads move at once.</summary>
    private const int TransposeSide = 32, TransposeRows = 8;

    /// <summary>Runs of neighbours are copied; where source and target have neighbours along different axes, tiles of the plane of these
    /// are transposed.</summary>
    private static void CopyBoxGpu(GpuDevice gpu, Tensor to, Tensor from, BoxGeometry box) {
        ArrayView<float> target = gpu.Floats(to), source = gpu.Floats(from);
        if (box.TryQuads(out BoxGeometry quads)) {
            gpu.Kernel(CopyQuadsKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<Float4>, ArrayView<Float4>, BoxGeometry>(
                CopyQuadsKernel))(quads.Count, target.Cast<Float4>(), source.Cast<Float4>(), quads);
        } else if (box is { ToStep: 1, FromLine: 1, Run: >= TransposeRows, Lines: >= TransposeRows }) {
            int across = (box.Run + TransposeSide - 1) / TransposeSide, down = (box.Lines + TransposeSide - 1) / TransposeSide;
            gpu.Kernel(TransposeKernel, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, BoxGeometry, int,
                int>(TransposeKernel))(
                new KernelConfig(across * down * (box.Runs / box.Lines), TransposeSide * TransposeRows), target, source, box, across, down);
        } else {
            gpu.Kernel(CopyBoxKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, BoxGeometry>(
                CopyBoxKernel))(box.Count, target, source, box);
        }
    }

    /// <summary>Four neighbours a thread.</summary>
    internal static void CopyQuadsKernel(Index1D i, ArrayView<Float4> to, ArrayView<Float4> from, BoxGeometry box) {
        int run = i / box.Run, k = i - run * box.Run;
        (int at, int place) = box.Start(run);
        to[place + k] = from[at + k];
    }

    /// <summary>One element a thread.</summary>
    internal static void CopyBoxKernel(Index1D i, ArrayView<float> to, ArrayView<float> from, BoxGeometry box) {
        int run = i / box.Run, k = i - run * box.Run;
        (int at, int place) = box.Start(run);
        to[place + k * box.ToStep] = from[at + k * box.FromStep];
    }

    /// <summary>A group of 8 lines of 32 threads moves a tile of 32×32, read along the source's neighbours and written along the
    /// target's.</summary>
    internal static void TransposeKernel(ArrayView<float> to, ArrayView<float> from, BoxGeometry box, int across, int down) {
        // One column more: threads that read down a column then meet different banks.
        ArrayView<float> tile = SharedMemory.Allocate<float>(TransposeSide * (TransposeSide + 1));
        int lane = Group.IdxX % TransposeSide, row = Group.IdxX / TransposeSide;
        int plane = Grid.IdxX / (across * down), cut = Grid.IdxX - plane * across * down;
        int line = cut / across * TransposeSide, column = cut % across * TransposeSide;
        (int at, int place) = box.Start(plane * box.Lines);
        for (int k = row; k < TransposeSide; k += TransposeRows)
            if (line + lane < box.Lines && column + k < box.Run)
                tile[k * (TransposeSide + 1) + lane] = from[at + line + lane + (column + k) * box.FromStep];
        Group.Barrier();
        for (int k = row; k < TransposeSide; k += TransposeRows)
            if (column + lane < box.Run && line + k < box.Lines)
                to[place + column + lane + (line + k) * box.ToLine] = tile[lane * (TransposeSide + 1) + k];
    }
}
