using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DenseEngine.Ops;

/// <summary>3×3 convolutions of stride 1 by F(4×4, 3×3). A work item takes a panel of tiles through all three steps: its transformed input
/// stays in the second-level cache, the weights are streamed once.</summary>
internal static unsafe class WinogradHost {
    private const int Block = WinogradTransforms.Block, Points = WinogradTransforms.Points, Tile = WinogradTransforms.Tile;

    /// <summary>Work items that a map of one panel is cut into, by outputs; one of a few panels is cut in two where they are odd.</summary>
    private const int LonePanelItems = 4, FewPanels = 8;

    /// <summary>Computes <c>y = bias + conv(x)</c>.</summary>
    public static void Run(HostDevice host, WinogradMap map, float* x, WinogradWeights weights, float* bias, float* y,
        GemmEnding ending = default) {
        int rows = weights.Kernel.Rows, panels = (map.Tiles + rows - 1) / rows;
        if (panels == 0) return;
        var share = new Share(map, weights, ending, x, bias, y);
        int wide = 2 * weights.Kernel.Lanes, columns = (weights.Outputs + wide - 1) / wide;
        int splits = Math.Min(columns, panels == 1 ? LonePanelItems : panels < FewPanels && panels % 2 == 1 ? 2 : 1);
        using var scratch = new HostScratch(host, panels * splits, share.PanelInput + share.PanelProducts);
        host.Workers.For(panels * splits, new Loop(share, scratch, splits, columns, wide));
    }

    /// <summary>Items of a panel of tiles and some of the outputs each.</summary>
    private readonly struct Loop(Share share, HostScratch scratch, int splits, int columns, int wide) : ILoopBody {
        public void Run(int item, int slot) {
            float* input = scratch[slot];
            int panel = item / splits, split = item % splits;
            share.Transform(panel, input);
            for (int column = columns * split / splits; column < columns * (split + 1) / splits; column++)
                share.Columns(panel, column * wide, input, input + share.PanelInput);
        }
    }

    /// <summary>The steps of a convolution for a panel of tiles. Its transformed input is [36][inputs/16][tiles][16], its products with a
    /// panel of the weights are [36][tiles][outputs].</summary>
    private readonly struct Share(WinogradMap map, WinogradWeights weights, GemmEnding ending, float* x, float* bias, float* y) {
        private readonly GemmKernel kernel = weights.Kernel;
        private readonly int panelSize = Gemm.Align(weights.Inputs) * weights.Kernel.Rows;

        /// <summary>Numbers of a panel's transformed input.</summary>
        public int PanelInput => Points * panelSize;

        /// <summary>Numbers of a panel's products.</summary>
        public int PanelProducts => Points * kernel.Rows * 2 * kernel.Lanes;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Transform(int panel, float* input) {
            int first = panel * kernel.Rows, count = Math.Min(kernel.Rows, map.Tiles - first);
            for (int i = 0; i < count; i++)
                map.TransformWindow(x, weights.Inputs, first + i, input + i * Block, panelSize, kernel.Rows * Block);
        }

        /// <summary>Computes a panel's worth of outputs; meanwhile fetches the places they go to.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Columns(int panel, int column, float* input, float* products) {
            int width = kernel.PanelWidth(weights.Outputs - column), first = panel * kernel.Rows,
                count = Math.Min(kernel.Rows, map.Tiles - first);
            nint pointWeights = weights.PointStride(width), pointProducts = kernel.Rows * width;
            float* zeros = stackalloc float[2 * kernel.Lanes], right = weights.Panel(column);
            for (int point = 0; point < Points; point++, right += pointWeights) {
                if (point / 2 < count) Fetch(first + point / 2, point % 2, column, width);
                kernel.Tile(width, input + point * (nint)panelSize, right, products + point * pointProducts, zeros, weights.PaddedInputs,
                    width, 0);
            }
            Store(first, count, column, width, products);
        }

        /// <summary>Fetches half of the place of a tile's results.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Fetch(int tile, int half, int column, int width) {
            if (!Sse.IsSupported) return;
            (nint offset, int lines, int places) = map.Output(tile, weights.Outputs);
            for (int a = 2 * half; a < Math.Min(lines, 2 * half + 2); a++)
                for (int b = 0; b < places; b++)
                    for (int part = 0; part < width; part += Block)
                        Sse.Prefetch0(y + offset + ((nint)a * map.OutputWidth + b) * weights.Outputs + column + part);
        }

        /// <summary>Transforms the products of some outputs back and writes what lies in the picture.</summary>
        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Store(int first, int count, int column, int width, float* products) {
            float* cut = stackalloc float[Tile * Tile * Block], start = stackalloc float[Block];
            nint pointStride = kernel.Rows * width, lineStride = (nint)map.OutputWidth * weights.Outputs;
            for (int part = 0; part < width; part += Block) {
                int outputs = Math.Min(Math.Min(Block, width - part), weights.Outputs - column - part);
                if (outputs <= 0) break;
                if (bias == null) new Span<float>(start, Block).Clear();
                else Copy.Run(bias + column + part, start, outputs);
                for (int i = 0; i < count; i++) {
                    float* from = products + i * width + part;
                    (nint offset, int lines, int places) = map.Output(first + i, weights.Outputs);
                    float* to = y + offset + column + part;
                    if (outputs == Block && lines == Tile && places == Tile) {
                        WinogradTransforms.Output(from, pointStride, Vector512.Load(start), to, lineStride, weights.Outputs, ending);
                        continue;
                    }
                    WinogradTransforms.Output(from, pointStride, Vector512.Load(start), cut, Tile * Block, Block, default);
                    for (int a = 0; a < lines; a++) {
                        for (int b = 0; b < places; b++) {
                            float* at = to + a * lineStride + (nint)b * weights.Outputs;
                            Copy.Run(cut + (a * Tile + b) * Block, at, outputs);
                            ending.Apply(at, outputs);
                        }
                    }
                }
            }
        }
    }
}
