using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DenseEngine.Ops;

/// <summary>The weight's gradient of 3×3 convolutions of stride 1, the adjoint of F(4×4, 3×3) in the weight: dg = Gᵀ[Σ (A e Aᵀ) ⊙ (Bᵀ d
/// B)]G, summed over the tiles e of dy and the windows d of x. The tiles are taken in chunks that the last-level cache holds: first all
/// threads transform, then each point's outer products are an item. The order of the sums depends on sizes alone.</summary>
internal static unsafe class WinogradGradient {
    private const int Block = WinogradTransforms.Block, Points = WinogradTransforms.Points, Tile = WinogradTransforms.Tile;

    /// <summary>Transformed numbers of a chunk (12 MB), and its tiles at least.</summary>
    private const int MostTransformed = 3 << 20, FewestTiles = 32;

    /// <summary>Tiles added in one go: with 48 columns they fill two thirds of a first-level cache.</summary>
    private const int Steps = 160;

    /// <summary>Bytes of a cache line.</summary>
    private const int Line = 64;

    /// <summary>Blocks of channels that are worth handing to another thread.</summary>
    private const int WorthSharing = 64;

    /// <summary>Computes dWeight [O, 3, 3, C] from x and dy.</summary>
    public static void Run(HostDevice host, GemmKernel kernel, in ConvGeometry conv, float* x, float* dy, float* dWeight) {
        int inputs = conv.Channels, outputs = conv.OutputChannels;
        var sizes = new Sizes(kernel, WinogradMap.Forward(conv), inputs, outputs);
        using var transformed = new Tensor(host, [checked((int)(Points * (sizes.PointInput + sizes.PointOutput)))]);
        using var sums = new Tensor(host, [checked((int)(Points * sizes.PointSums))]);
        var share = new Share(sizes, x, dy, transformed.Pointer, sums.Pointer);
        int grain = Math.Max(1, WorthSharing / (sizes.Blocks + (outputs + Block - 1) / Block));
        int first = 0;
        do {
            int start = first, count = Math.Min(sizes.Chunk, sizes.Map.Tiles - start);
            host.Workers.ForRange(count, grain, (from, until) => share.Transform(start, from, until));
            host.Workers.For(Points, point => share.Add(point, count, start == 0));
            first += count;
        } while (first < sizes.Map.Tiles);
        float* total = sums.Pointer;
        host.Workers.ForRange(outputs, Math.Max(1, WorthSharing / sizes.Blocks), (from, until) => {
            for (int output = from; output < until; output++) TransformBack(sizes, total, output, dWeight + (nint)output * 9 * inputs);
        });
    }

    /// <summary>A panel of 48 outputs, which 6 rows divide as well as blocks of 16.</summary>
    private const int WidePanel = 3 * Block;

    /// <summary>How the numbers lie: transformed windows of x [36][inputs/16][tiles][16], transformed tiles of dy
    /// [36][outputs/panel][tiles][panel], sums [36][outputs][inputs]. Where needed a line more keeps the points from falling into the same
    /// sets of a cache.</summary>
    private readonly struct Sizes {
        public Sizes(GemmKernel kernel, WinogradMap map, int inputs, int outputs) {
            (Kernel, Map, Inputs, Outputs) = (kernel, map, inputs, outputs);
            Blocks = Gemm.Align(inputs) / Block;
            int rows = (outputs + kernel.OuterRows - 1) / kernel.OuterRows * kernel.OuterRows;
            Panel = Block % kernel.OuterRows == 0 ? Block : WidePanel;
            int paddedOutputs = (rows + Panel - 1) / Panel * Panel;
            int most = Math.Max(FewestTiles, MostTransformed / (Points * (Blocks * Block + paddedOutputs)));
            int chunks = Math.Max(1, (map.Tiles + most - 1) / most);
            Chunk = Math.Max(1, (map.Tiles + chunks - 1) / chunks);
            PointInput = OddLines(Blocks * Block * Chunk);
            PointOutput = OddLines(paddedOutputs * Chunk);
            PointSums = OddLines(rows * Blocks * Block);
        }

        public GemmKernel Kernel { get; }

        public WinogradMap Map { get; }

        public int Inputs { get; }

        public int Outputs { get; }

        /// <summary>Blocks of 16 inputs.</summary>
        public int Blocks { get; }

        /// <summary>Outputs whose transformed numbers lie together: so many that a kernel's rows divide them.</summary>
        public int Panel { get; }

        /// <summary>Tiles of a chunk.</summary>
        public int Chunk { get; }

        /// <summary>Distances between points.</summary>
        public nint PointInput { get; }

        /// <inheritdoc cref="PointInput"/>
        public nint PointOutput { get; }

        /// <inheritdoc cref="PointInput"/>
        public nint PointSums { get; }

        private static int OddLines(int count) => (count / Block | 1) * Block;
    }

    /// <summary>Writes an output's part of the gradient.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransformBack(in Sizes sizes, float* sums, int output, float* to) {
        float* taps = stackalloc float[9 * Block];
        sums += (nint)output * sizes.Blocks * Block;
        for (int input = 0; input < sizes.Inputs; input += Block) {
            if (input + Block <= sizes.Inputs) {
                WinogradTransforms.WeightGradient(sums + input, sizes.PointSums, to + input, sizes.Inputs);
                continue;
            }
            WinogradTransforms.WeightGradient(sums + input, sizes.PointSums, taps, Block);
            for (int tap = 0; tap < 9; tap++) Copy.Run(taps + tap * Block, to + (nint)tap * sizes.Inputs + input, sizes.Inputs - input);
        }
    }

    /// <summary>The steps of a chunk.</summary>
    private readonly struct Share(Sizes sizes, float* x, float* dy, float* transformed, float* sums) {
        private readonly float* transformedOutput = transformed + Points * sizes.PointInput;

        /// <summary>Transforms tiles of a chunk.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Transform(int start, int from, int until) {
            for (int tile = from; tile < until; tile++) {
                sizes.Map.TransformWindow(x, sizes.Inputs, start + tile, transformed + tile * Block, sizes.PointInput,
                    (nint)sizes.Chunk * Block);
                TransformTile(start + tile, transformedOutput + (nint)tile * sizes.Panel);
            }
        }

        /// <summary>Adds the outer products of a chunk at one point.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Add(int point, int count, bool begins) {
            GemmKernel kernel = sizes.Kernel;
            float* c = sums + point * sizes.PointSums, a = transformedOutput + point * sizes.PointOutput,
                b = transformed + point * sizes.PointInput;
            int width = sizes.Blocks * Block, groups = (sizes.Blocks + kernel.OuterBlocks - 1) / kernel.OuterBlocks;
            nint blockStride = (nint)sizes.Chunk * Block;
            float* memory = stackalloc float[(kernel.OuterRows * kernel.OuterBlocks + 1) * Block];
            float* sum = (float*)(((nint)memory + Line - 1) & -Line);
            int parts = (count + Steps - 1) / Steps;
            for (int part = 0; part < parts; part++) {
                int first = count * part / parts, steps = count * (part + 1) / parts - first;
                for (int group = 0; group < groups; group++) {
                    int block = sizes.Blocks * group / groups, blocks = sizes.Blocks * (group + 1) / groups - block;
                    for (int i = 0; i < sizes.Outputs; i += kernel.OuterRows) {
                        float* total = c + (nint)i * width + block * Block, panel = a + (nint)(i - i % sizes.Panel) * sizes.Chunk;
                        Fetch(total, kernel.OuterRows, width, blocks);
                        for (int j = 0; j < kernel.OuterRows * blocks * Block; j += Block) Vector512<float>.Zero.Store(sum + j);
                        kernel.OuterTile(blocks, panel + (nint)first * sizes.Panel + i % sizes.Panel, sizes.Panel,
                            b + block * blockStride + first * Block, Block, blockStride, steps, sum, blocks * Block);
                        Join(sum, total, kernel.OuterRows, width, blocks, begins && part == 0);
                    }
                }
            }
        }

        /// <summary>Adds the sums of a stretch of tiles to what there is, or begins with them: shorter sums round less.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Join(float* sum, float* total, int rows, int width, int blocks, bool begins) {
            for (int i = 0; i < rows; i++, total += width) {
                for (int block = 0; block < blocks; block++, sum += Block) {
                    Vector512<float> part = Vector512.Load(sum);
                    if (!begins) part += Vector512.Load(total + block * Block);
                    part.Store(total + block * Block);
                }
            }
        }

        /// <summary>Fetches a tile of the sums.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Fetch(float* tile, int rows, int width, int blocks) {
            if (!Sse.IsSupported) return;
            for (int i = 0; i < rows; i++, tile += width)
                for (int block = 0; block < blocks; block++) Sse.Prefetch0(tile + block * Block);
        }

        /// <summary>Transforms a tile of dy.</summary>
        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void TransformTile(int tile, float* to) {
            (nint offset, int lines, int columns) = sizes.Map.Output(tile, sizes.Outputs);
            float* from = dy + offset, patch = stackalloc float[Tile * Tile * Block];
            nint lineStride = (nint)sizes.Map.OutputWidth * sizes.Outputs;
            bool inside = lines == Tile && columns == Tile;
            for (int channel = 0; channel < sizes.Outputs; channel += Block, from += Block) {
                float* at = to + (nint)(channel - channel % sizes.Panel) * sizes.Chunk + channel % sizes.Panel;
                int count = Math.Min(Block, sizes.Outputs - channel);
                if (inside && count == Block) {
                    WinogradTransforms.OutputGradient(from, lineStride, sizes.Outputs, at, sizes.PointOutput);
                    continue;
                }
                new Span<float>(patch, Tile * Tile * Block).Clear();
                for (int i = 0; i < lines; i++)
                    for (int j = 0; j < columns; j++)
                        Copy.Run(from + i * lineStride + (nint)j * sizes.Outputs, patch + (i * Tile + j) * Block, count);
                WinogradTransforms.OutputGradient(patch, Tile * Block, Block, at, sizes.PointOutput);
            }
        }
    }
}
