using System.Runtime.CompilerServices;

namespace DenseEngine.Ops;

/// <summary>A sliding window over a map, in the terms of its lines.</summary>
/// <param name="Images">Pictures.</param>
/// <param name="Height">Lines of the source.</param>
/// <param name="Width">Its columns.</param>
/// <param name="Channels">Its channels, all of which are read.</param>
/// <param name="GridHeight">Window places down.</param>
/// <param name="GridWidth">Window places across.</param>
/// <param name="StepY">Source lines between places.</param>
/// <param name="StepX">Source columns between places.</param>
/// <param name="FirstY">The source line of the first tap at the first place; may lie outside.</param>
/// <param name="FirstX">Its column.</param>
/// <param name="KernelHeight">Lines of taps.</param>
/// <param name="KernelWidth">Taps in a line; they are neighbours.</param>
/// <param name="DilationY">Source lines between lines of taps.</param>
internal readonly record struct WindowLines(int Images, int Height, int Width, int Channels, int GridHeight, int GridWidth,
    int StepY, int StepX, int FirstY, int FirstX, int KernelHeight, int KernelWidth, int DilationY) {
    /// <summary>The windows of a convolution.</summary>
    public static WindowLines Of(in ConvGeometry conv) =>
        new(conv.Images, conv.Height, conv.Width, conv.Channels, conv.OutputHeight, conv.OutputWidth, conv.StrideY, conv.StrideX,
            conv.InputRow(0, 0), conv.InputColumn(0, 0), conv.KernelHeight, conv.KernelWidth, conv.DilationY);

    /// <summary>The windows over the output's gradient that the input's gradient sees at stride 1; the taps run backwards.</summary>
    public static WindowLines Back(in ConvGeometry conv) =>
        new(conv.Images, conv.OutputHeight, conv.OutputWidth, conv.OutputChannels, conv.Height, conv.Width, 1, 1,
            -conv.InputRow(0, conv.KernelHeight - 1), -conv.InputColumn(0, conv.KernelWidth - 1), conv.KernelHeight, conv.KernelWidth,
            conv.DilationY);

    /// <summary>Numbers that a window reads of a line.</summary>
    public int Run => KernelWidth * Channels;

    /// <summary>Numbers between neighbouring places.</summary>
    public int PixelStride => StepX * Channels;

    /// <summary>Numbers of a padded line.</summary>
    public int LineStride => ((GridWidth - 1) * StepX + KernelWidth) * Channels;

    /// <summary>Padded lines under some lines of window places.</summary>
    public int LinesUnder(int places) => (places - 1) * StepY + (KernelHeight - 1) * DilationY + 1;

    /// <summary>Copies the lines under some window places, with zeros where they lie outside the source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Pad(float* source, int image, int firstPlace, int places, float* to) {
        int left = Math.Clamp(-FirstX, 0, LineStride / Channels), right = Math.Clamp(Width - FirstX, left, LineStride / Channels);
        for (int i = 0; i < LinesUnder(places); i++, to += LineStride) {
            int y = firstPlace * StepY + FirstY + i;
            if ((uint)y >= (uint)Height) {
                new Span<float>(to, LineStride).Clear();
                continue;
            }
            new Span<float>(to, left * Channels).Clear();
            float* line = source + (((nint)image * Height + y) * Width + FirstX) * Channels;
            new Span<float>(line + left * Channels, (right - left) * Channels)
                .CopyTo(new Span<float>(to + left * Channels, (right - left) * Channels));
            new Span<float>(to + right * Channels, LineStride - right * Channels).Clear();
        }
    }
}
