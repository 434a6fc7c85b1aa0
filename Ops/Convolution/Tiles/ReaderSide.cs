using ILGPU;

namespace DenseEngine.Ops;

/// <summary>The outputs that see a convolution's inputs: a row is an input pixel of a phase, an inner place one of its taps and an output
/// channel of the group. Zero where the output lies outside.</summary>
internal struct ReaderSide(ConvGeometry conv, ConvPhase phase) : ITileSide {
    // A phase that no tap sees has no inner places; the divisions below are for nothing then.
    private readonly int outputs = Math.Max(1, conv.GroupOutputs), across = Math.Max(1, phase.Across.Taps),
        vectors = conv.GroupOutputs % 4 == 0 ? 1 : 0;
    private int picture, inner, top, start, channel, ky, kx;

    public readonly bool AlongInner => true;

    public void Begin(int batch, int row, int inner) {
        int height = phase.Down.Count, width = phase.Across.Count, line = row / width, image = line / height;
        this.inner = image < conv.Images ? inner : int.MaxValue - Op.TileStep;
        picture = image * conv.OutputHeight * conv.OutputWidth * conv.OutputChannels + batch * outputs;
        top = line - image * height + phase.Down.Offset;
        start = row - line * width + phase.Across.Offset;
        int tap = inner / outputs;
        channel = inner - tap * outputs;
        ky = tap / across;
        kx = tap - ky * across;
    }

    public Float4 Load(ArrayView<float> values, int end) {
        Float4 result = default;
        if (inner >= end) return result;
        if (vectors != 0) {
            int at = Place();
            if (at >= 0) result = values.Cast<Float4>()[at >> 2];
            Advance(Op.TileStep);
        } else {
            result.X = Next(values, end);
            result.Y = Next(values, end);
            result.Z = Next(values, end);
            result.W = Next(values, end);
            Advance(Op.TileStep - 4);
        }
        return result;
    }

    private float Next(ArrayView<float> values, int end) {
        float result = 0;
        int at = inner < end ? Place() : -1;
        if (at >= 0) result = values[at];
        Advance(1);
        return result;
    }

    /// <summary>Where the output stands; -1 if there is none.</summary>
    private readonly int Place() {
        int oy = top - ky * phase.Down.Back, ox = start - kx * phase.Across.Back;
        return oy >= 0 && oy < conv.OutputHeight && ox >= 0 && ox < conv.OutputWidth
            ? picture + (oy * conv.OutputWidth + ox) * conv.OutputChannels + channel
            : -1;
    }

    private void Advance(int places) {
        inner += places;
        channel += places;
        while (channel >= outputs) {
            channel -= outputs;
            kx++;
            if (kx == across) {
                kx = 0;
                ky++;
            }
        }
    }
}
