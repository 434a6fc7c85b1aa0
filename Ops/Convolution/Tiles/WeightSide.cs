using ILGPU;

namespace DenseEngine.Ops;

/// <summary>A convolution's weight as its input gradient needs it: a row is an input channel of the group, an inner place a tap of a phase
/// and an output channel.</summary>
internal struct WeightSide(ConvGeometry conv, ConvPhase phase) : ITileSide {
    // A phase that no tap sees has no inner places; the divisions below are for nothing then.
    private readonly int inputs = conv.GroupChannels, outputs = Math.Max(1, conv.GroupOutputs), across = Math.Max(1, phase.Across.Taps),
        patch = conv.PatchSize, vectors = conv.GroupChannels % 4 == 0 ? 1 : 0, tapStep = phase.Across.TapStep,
        lineStep = phase.Down.TapStep * conv.KernelWidth, firstTap = phase.Down.FirstTap * conv.KernelWidth + phase.Across.FirstTap;
    private int inner, channel, tap, kx;

    public readonly bool AlongInner => false;

    public readonly int Vectors => vectors;

    /// <summary>With it how many rows there are from this one on.</summary>
    public readonly TileRow Row(int batch, int row) => new(batch * outputs * patch + row, inputs - row);

    public void Go(int inner) {
        this.inner = inner;
        int place = inner / outputs, ky = place / across;
        channel = inner - place * outputs;
        kx = place - ky * across;
        tap = firstTap + ky * lineStep + kx * tapStep;
    }

    public readonly Float4 LoadFour(ArrayView<float> values, TileRow row, int end) {
        Float4 result = default;
        if (row.Top > 0 & inner < end) result = values.Cast<Float4>()[(row.At + channel * patch + tap * inputs) >> 2];
        return result;
    }

    public readonly Float4 Load(ArrayView<float> values, TileRow row, int end) {
        Float4 result = default;
        if (row.Top > 0 && inner < end) result = Float4.Load(values, row.At + channel * patch + tap * inputs, row.Top, vectors);
        return result;
    }

    public void Advance(int places) {
        inner += places;
        channel += places;
        while (channel >= outputs) {
            channel -= outputs;
            kx++;
            tap += tapStep;
            if (kx == across) {
                kx = 0;
                tap += lineStep - across * tapStep;
            }
        }
    }
}
