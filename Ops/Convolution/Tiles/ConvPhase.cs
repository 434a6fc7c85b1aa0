namespace DenseEngine.Ops;

/// <summary>Input pixels of a convolution that lie a stride apart, and the taps through which outputs see them: all others would meet
/// zeros.</summary>
internal readonly struct ConvPhase(PhaseAxis down, PhaseAxis across) {
    public readonly PhaseAxis Down = down, Across = across;

    /// <summary>Taps that matter.</summary>
    public int Taps => Down.Taps * Across.Taps;

    /// <summary>The pixels that begin at a line and a column below the strides.</summary>
    public static ConvPhase Of(in ConvGeometry conv, int top, int left) => new(
        PhaseAxis.Of(conv.Height, conv.KernelHeight, conv.StrideY, conv.PaddingY, conv.DilationY, top),
        PhaseAxis.Of(conv.Width, conv.KernelWidth, conv.StrideX, conv.PaddingX, conv.DilationX, left));
}

/// <summary>One axis of a <see cref="ConvPhase"/>: pixel p of the phase is seen through tap <see cref="FirstTap"/> + n ·
/// <see cref="TapStep"/> by output p + <see cref="Offset"/> - n · <see cref="Back"/>.</summary>
internal readonly struct PhaseAxis {
    /// <summary>Pixels, and taps.</summary>
    public readonly int Count, Taps;

    /// <summary>The first tap, and from a tap to the next.</summary>
    public readonly int FirstTap, TapStep;

    /// <summary>See the type.</summary>
    public readonly int Offset, Back;

    private PhaseAxis(int count, int taps, int firstTap, int tapStep, int offset, int back) =>
        (Count, Taps, FirstTap, TapStep, Offset, Back) = (count, taps, firstTap, tapStep, offset, back);

    public static PhaseAxis Of(int size, int kernel, int stride, int padding, int dilation, int first) {
        int step = 1, tap = 0;
        while (step * dilation % stride != 0) step++;
        while (tap < step && (first + padding - tap * dilation) % stride != 0) tap++;
        int taps = tap < step && tap < kernel ? (kernel - tap + step - 1) / step : 0;
        return new((size - first + stride - 1) / stride, taps, tap, step, (first + padding - tap * dilation) / stride,
            step * dilation / stride);
    }
}
