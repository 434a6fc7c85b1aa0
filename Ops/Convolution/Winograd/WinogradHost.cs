using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

/// <summary>The maps that a 3×3 convolution of stride 1 reads and writes.</summary>
/// <param name="Images">Pictures.</param>
/// <param name="Height">Lines of the input.</param>
/// <param name="Width">Columns of the input.</param>
/// <param name="PaddingY">Zeros above.</param>
/// <param name="PaddingX">Zeros to the left.</param>
/// <param name="OutputHeight">Lines of the output.</param>
/// <param name="OutputWidth">Columns of the output.</param>
internal readonly record struct WinogradMap(int Images, int Height, int Width, int PaddingY, int PaddingX, int OutputHeight,
    int OutputWidth) {
    /// <summary>The maps of a convolution.</summary>
    public static WinogradMap Forward(in ConvGeometry conv) =>
        new(conv.Images, conv.Height, conv.Width, conv.PaddingY, conv.PaddingX, conv.OutputHeight, conv.OutputWidth);

    /// <summary>The maps of its input's gradient, which is the convolution of the output's gradient with as many zeros around that the
    /// input's size comes out.</summary>
    public static WinogradMap Back(in ConvGeometry conv) =>
        new(conv.Images, conv.OutputHeight, conv.OutputWidth, 2 - conv.PaddingY, 2 - conv.PaddingX, conv.Height, conv.Width);

    /// <summary>Tiles down a picture.</summary>
    public int TileLines => (OutputHeight + WinogradTransforms.Tile - 1) / WinogradTransforms.Tile;

    /// <summary>Tiles across.</summary>
    public int TileColumns => (OutputWidth + WinogradTransforms.Tile - 1) / WinogradTransforms.Tile;

    /// <summary>All tiles.</summary>
    public int Tiles => Images * TileLines * TileColumns;
}

/// <summary>3×3 convolutions of stride 1 by F(4×4, 3×3). A work item takes some tiles through all three steps: its transformed input stays
/// in the second-level cache, the weights are streamed once.</summary>
internal static unsafe class WinogradHost {
    private const int Block = WinogradTransforms.Block, Points = WinogradTransforms.Points, Tile = WinogradTransforms.Tile,
        Window = WinogradTransforms.Window;

    /// <summary>Numbers of transformed input that a work item may have: 1 MB, half a second-level cache.</summary>
    private const int MostInput = 1 << 18;

    /// <summary>Whether a convolution, or its input's gradient, is to be computed so.</summary>
    /// <remarks>The rule counts multiply-adds: those of the products, of the transforms of tiles (fitted: the smaller the number of
    /// channels, the more they weigh) and of the transform of a weight (fitted), against those of the direct sum. It looks at one picture,
    /// so that a batch has the same bits as its pictures alone.</remarks>
    public static bool Takes(in ConvGeometry conv, WinogradMap map, ConvMethod method) {
        bool possible = conv is { KernelHeight: 3, KernelWidth: 3, StrideY: 1, StrideX: 1, DilationY: 1, DilationX: 1, Groups: 1 }
            && conv is { PaddingY: <= 2, PaddingX: <= 2, Channels: > 0, OutputChannels: > 0 };
        if (!possible || method == ConvMethod.Product) return false;
        if (method == ConvMethod.Winograd) return true;
        const double Transforms = 16, WeightTransform = 250, Advantage = 0.85;
        double products = (double)Points * map.TileLines * map.TileColumns * (1 + Transforms / conv.Channels + Transforms / conv.OutputChannels);
        return products + WeightTransform < Advantage * 9 * map.OutputHeight * map.OutputWidth;
    }

    /// <summary>Computes <c>y = bias + conv(x)</c>.</summary>
    public static void Run(HostDevice host, WinogradMap map, float* x, WinogradWeights weights, float* bias, float* y, GemmEnding ending = default) {
        int rows = weights.Kernel.Rows, blocks = Gemm.Align(weights.Inputs) / Block, panels = (map.Tiles + rows - 1) / rows;
        if (panels == 0) return;
        int panelInput = Points * blocks * rows * Block;
        int together = Math.Clamp(MostInput / panelInput, 1, 3);
        while (together > 1 && (panels + together - 1) / together < 8) together--;
        int items = (panels + together - 1) / together, width = 2 * weights.Kernel.Lanes;
        int products = Points * together * rows * width;
        using var scratch = new ScratchSlots(host, items, together * panelInput + products + Block);
        host.Workers.For(items, item => {
            int slot = scratch.Take(out float* memory);
            int first = item * together * rows, count = Math.Min(map.Tiles - first, together * rows);
            new Item(map, weights, ending, first, count, memory, memory + together * panelInput).Run(x, bias, y);
            scratch.Return(slot);
        });
    }

    /// <summary>One thread's share: some tiles, all outputs.</summary>
    private readonly struct Item(WinogradMap map, WinogradWeights weights, GemmEnding ending, int first, int count, float* input,
        float* products) {
        private readonly GemmKernel kernel = weights.Kernel;
        private readonly int blocks = Gemm.Align(weights.Inputs) / Block;

        public void Run(float* x, float* bias, float* y) {
            int panels = (count + kernel.Rows - 1) / kernel.Rows;
            nint panelSize = (nint)blocks * kernel.Rows * Block, pointInput = panels * panelSize;
            for (int i = 0; i < count; i++) Transform(x, i, pointInput, panelSize);
            float* zeros = stackalloc float[2 * kernel.Lanes];
            for (int column = 0; column < weights.Outputs;) {
                int width = kernel.PanelWidth(weights.Outputs - column);
                nint pointProducts = (nint)panels * kernel.Rows * width, pointWeights = (nint)weights.PaddedInputs * width;
                float* right = weights.Panel(column);
                for (int point = 0; point < Points; point++, right += pointWeights) {
                    for (int panel = 0; panel < panels; panel++) {
                        kernel.Tile(width, input + point * pointInput + panel * panelSize, right,
                            products + point * pointProducts + (nint)panel * kernel.Rows * width, zeros, weights.PaddedInputs, width, 0);
                    }
                }
                Store(column, width, pointProducts, bias, y);
                column += width;
            }
        }

        /// <summary>Transforms one tile's window, block by block of channels.</summary>
        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Transform(float* x, int i, nint pointStride, nint panelSize) {
            (int image, int line, int column) = Place(first + i);
            line -= map.PaddingY;
            column -= map.PaddingX;
            float* to = input + i / kernel.Rows * panelSize + i % kernel.Rows * Block;
            int channels = weights.Inputs;
            nint lineStride = (nint)map.Width * channels;
            float* picture = x + image * map.Height * lineStride;
            bool inside = line >= 0 && column >= 0 && line + Window <= map.Height && column + Window <= map.Width;
            float* patch = stackalloc float[Points * Block];
            for (int channel = 0; channel < channels; channel += Block, to += kernel.Rows * Block) {
                if (inside && channel + Block <= channels) {
                    WinogradTransforms.Input(picture + line * lineStride + (nint)column * channels + channel, lineStride, channels, to,
                        pointStride);
                } else {
                    Cut(picture + channel, line, column, Math.Min(Block, channels - channel), patch);
                    WinogradTransforms.Input(patch, Window * Block, Block, to, pointStride);
                }
            }
        }

        /// <summary>Copies a window that leaves the picture or has too few channels, zeros where there is nothing.</summary>
        private void Cut(float* picture, int line, int column, int channels, float* patch) {
            new Span<float>(patch, Points * Block).Clear();
            int left = Math.Max(0, -column), right = Math.Min(Window, map.Width - column);
            for (int i = Math.Max(0, -line); i < Math.Min(Window, map.Height - line); i++)
                for (int j = left; j < right; j++)
                    Copy.Run(picture + ((nint)(line + i) * map.Width + column + j) * weights.Inputs, patch + (i * Window + j) * Block, channels);
        }

        /// <summary>Transforms the products of some outputs back and writes what lies in the picture.</summary>
        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Store(int column, int width, nint pointStride, float* bias, float* y) {
            float* tile = stackalloc float[Tile * Tile * Block], start = stackalloc float[Block];
            for (int part = 0; part < width; part += Block) {
                int outputs = Math.Min(Math.Min(Block, width - part), weights.Outputs - column - part);
                if (outputs <= 0) break;
                if (bias == null) new Span<float>(start, Block).Clear();
                else Copy.Run(bias + column + part, start, outputs);
                for (int i = 0; i < count; i++) {
                    WinogradTransforms.Output(products + i * width + part, pointStride, Vector512.Load(start), tile);
                    (int image, int line, int place) = Place(first + i);
                    int lines = Math.Min(Tile, map.OutputHeight - line), places = Math.Min(Tile, map.OutputWidth - place);
                    float* to = y + (((nint)image * map.OutputHeight + line) * map.OutputWidth + place) * weights.Outputs + column + part;
                    for (int a = 0; a < lines; a++, to += (nint)map.OutputWidth * weights.Outputs) {
                        for (int b = 0; b < places; b++) {
                            Copy.Run(tile + (a * Tile + b) * Block, to + (nint)b * weights.Outputs, outputs);
                            ending.Apply(to + (nint)b * weights.Outputs, outputs);
                        }
                    }
                }
            }
        }

        /// <summary>A tile's picture, and its first line and column in the output.</summary>
        private (int Image, int Line, int Column) Place(int tile) {
            int perImage = map.TileLines * map.TileColumns, image = tile / perImage, rest = tile - image * perImage,
                line = rest / map.TileColumns;
            return (image, line * Tile, (rest - line * map.TileColumns) * Tile);
        }
    }
}
