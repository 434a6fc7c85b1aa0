using ILGPU;

namespace DenseEngine.Ops;

/// <summary>A convolution's weight as its input gradient needs it: a row is an input channel of the group, an inner place a tap of a phase
/// and an output channel.</summary>
internal struct WeightSide(ConvGeometry conv, ConvPhase phase) : ITileSide {
    // A phase that no tap sees has no inner places; the divisions below are for nothing then.
    private readonly int inputs = conv.GroupChannels, outputs = Math.Max(1, conv.GroupOutputs), across = Math.Max(1, phase.Across.Taps),
        patch = conv.PatchSize, kernelWidth = conv.KernelWidth, vectors = conv.GroupChannels % 4 == 0 ? 1 : 0;
    private int left, inner, start, channel, ky, kx;

    public readonly bool AlongInner => false;

    public void Begin(int batch, int row, int inner) {
        this.inner = inner;
        left = inputs - row;
        start = batch * outputs * patch + row;
        int tap = inner / outputs;
        channel = inner - tap * outputs;
        ky = tap / across;
        kx = tap - ky * across;
    }

    public Float4 Load(ArrayView<float> values, int end) {
        Float4 result = default;
        if (left > 0 && inner < end) {
            int tap = (phase.Down.FirstTap + ky * phase.Down.TapStep) * kernelWidth + phase.Across.FirstTap + kx * phase.Across.TapStep;
            result = Float4.Load(values, start + channel * patch + tap * inputs, left, vectors);
        }
        inner += Op.TileStep;
        channel += Op.TileStep;
        while (channel >= outputs) {
            channel -= outputs;
            kx++;
            if (kx == across) {
                kx = 0;
                ky++;
            }
        }
        return result;
    }
}
