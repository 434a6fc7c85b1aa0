using ILGPU;

namespace DenseEngine.Ops;

/// <summary>A convolution's weight as its input gradient needs it: a row is an input channel of the group, an inner place a tap and an
/// output channel.</summary>
internal struct WeightSide(ConvGeometry conv) : ITileSide {
    private readonly int inputs = conv.GroupChannels, outputs = conv.GroupOutputs, taps = conv.Taps,
        vectors = conv.GroupChannels % 4 == 0 ? 1 : 0;
    private int left, inner, start, channel, tap;

    public readonly bool AlongInner => false;

    public void Begin(int batch, int row, int inner) {
        this.inner = inner;
        left = inputs - row;
        start = batch * outputs * taps * inputs + row;
        tap = inner / outputs;
        channel = inner - tap * outputs;
    }

    public Float4 Load(ArrayView<float> values, int end) {
        Float4 result = default;
        if (left > 0 && inner < end) {
            int at = start + (channel * taps + tap) * inputs;
            if (vectors != 0) result = values.Cast<Float4>()[at >> 2];
            else result = Float4.Guarded(values, at, left);
        }
        inner += Op.TileStep;
        channel += Op.TileStep;
        while (channel >= outputs) {
            channel -= outputs;
            tap++;
        }
        return result;
    }
}
