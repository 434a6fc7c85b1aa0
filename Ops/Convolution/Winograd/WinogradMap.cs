using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace DenseEngine.Ops;

/// <summary>The maps that a 3×3 convolution of stride 1 reads and writes, cut into tiles of the output and windows of the input.</summary>
/// <param name="Images">Pictures.</param>
/// <param name="Height">Lines of the input.</param>
/// <param name="Width">Columns of the input.</param>
/// <param name="PaddingY">Zeros above.</param>
/// <param name="PaddingX">Zeros to the left.</param>
/// <param name="OutputHeight">Lines of the output.</param>
/// <param name="OutputWidth">Columns of the output.</param>
internal readonly record struct WinogradMap(int Images, int Height, int Width, int PaddingY, int PaddingX, int OutputHeight,
    int OutputWidth) {
    private const int Block = WinogradTransforms.Block, Points = WinogradTransforms.Points, Tile = WinogradTransforms.Tile,
        Window = WinogradTransforms.Window;

    /// <summary>The maps of a convolution.</summary>
    public static WinogradMap Forward(in ConvGeometry conv) =>
        new(conv.Images, conv.Height, conv.Width, conv.PaddingY, conv.PaddingX, conv.OutputHeight, conv.OutputWidth);

    /// <summary>The maps of its input's gradient, which is the convolution of the output's gradient with as many zeros around that the
    /// input's size comes out.</summary>
    public static WinogradMap Back(in ConvGeometry conv) =>
        new(conv.Images, conv.OutputHeight, conv.OutputWidth, 2 - conv.PaddingY, 2 - conv.PaddingX, conv.Height, conv.Width);

    /// <summary>Tiles down a picture.</summary>
    public int TileLines => (OutputHeight + Tile - 1) / Tile;

    /// <summary>Tiles across.</summary>
    public int TileColumns => (OutputWidth + Tile - 1) / Tile;

    /// <summary>All tiles.</summary>
    public int Tiles => Images * TileLines * TileColumns;

    /// <summary>A tile's picture, and its first line and column in the output.</summary>
    public (int Image, int Line, int Column) Place(int tile) {
        int across = TileColumns, perImage = TileLines * across, image = tile / perImage, rest = tile - image * perImage,
            line = rest / across;
        return (image, line * Tile, (rest - line * across) * Tile);
    }

    /// <summary>Where a tile's results go in a tensor of so many channels, and which of its lines and columns lie in the picture.</summary>
    public unsafe (nint Offset, int Lines, int Columns) Output(int tile, int channels) {
        (int image, int line, int column) = Place(tile);
        return ((((nint)image * OutputHeight + line) * OutputWidth + column) * channels, Math.Min(Tile, OutputHeight - line),
            Math.Min(Tile, OutputWidth - column));
    }

    /// <summary>Transforms the window of a tile: point p of channels 16·b to 16·b+15 goes to
    /// <c>to + p·pointStride + b·blockStride</c>.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void TransformWindow(float* x, int channels, int tile, float* to, nint pointStride, nint blockStride) {
        (int image, int line, int column) = Place(tile);
        line -= PaddingY;
        column -= PaddingX;
        nint lineStride = (nint)Width * channels;
        float* picture = x + image * Height * lineStride;
        bool inside = line >= 0 && column >= 0 && line + Window <= Height && column + Window <= Width;
        if (inside) picture += line * lineStride + (nint)column * channels;
        float* patch = stackalloc float[Points * Block];
        if (!inside || channels % Block != 0) new Span<float>(patch, Points * Block).Clear();
        for (int channel = 0; channel < channels; channel += Block, to += blockStride) {
            int count = Math.Min(Block, channels - channel);
            if (inside && count == Block) {
                float* window = picture + channel;
                Fetch(window + Window * channels, lineStride, channels);
                WinogradTransforms.Input(window, lineStride, channels, to, pointStride);
                continue;
            }
            if (count < Block) new Span<float>(patch, Points * Block).Clear();
            if (inside) Cut(picture + channel, 0, Window, 0, Window, count, patch, lineStride, channels);
            else Cut(picture + channel + line * lineStride + (nint)column * channels, Math.Max(0, -line), Math.Min(Window, Height - line),
                Math.Max(0, -column), Math.Min(Window, Width - column), count, patch, lineStride, channels);
            WinogradTransforms.Input(patch, Window * Block, Block, to, pointStride);
        }
    }

    /// <summary>Copies the part of a window that lies in the picture.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Cut(float* window, int firstLine, int endLine, int firstColumn, int endColumn, int count, float* patch,
        nint lineStride, nint pixelStride) {
        for (int i = firstLine; i < endLine; i++)
            for (int j = firstColumn; j < endColumn; j++)
                Copy.Run(window + i * lineStride + j * pixelStride, patch + (i * Window + j) * Block, count);
    }

    /// <summary>Fetches what the window to the right has more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Fetch(float* right, nint lineStride, nint pixelStride) {
        if (!Sse.IsSupported) return;
        for (int i = 0; i < Window; i++, right += lineStride) {
            Sse.Prefetch0(right);
            Sse.Prefetch0(right + pixelStride);
            Sse.Prefetch0(right + 2 * pixelStride);
            Sse.Prefetch0(right + 3 * pixelStride);
        }
    }
}
