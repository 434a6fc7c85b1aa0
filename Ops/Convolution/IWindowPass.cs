using ILGPU;

namespace DenseEngine.Ops;

/// <summary>A pass of a convolution whose results are sums over one window each: forward, or to the input.</summary>
internal interface IWindowPass {
    /// <summary>Lines, columns and channels of the results.</summary>
    static abstract int Lines(ConvGeometry conv);

    /// <inheritdoc cref="Lines"/>
    static abstract int Columns(ConvGeometry conv);

    /// <inheritdoc cref="Lines"/>
    static abstract int Channels(ConvGeometry conv);

    /// <summary>The sums of a pixel, of <paramref name="width"/> channels: 4, or 1, the rest being anything.</summary>
    static abstract Float4 Sum(ArrayView<float> x, ArrayView<float> weight, ConvGeometry conv, int image, int line, int column, int channel,
        int width);
}

/// <summary>Forward, each channel by itself, by fours; weight [taps, channels].</summary>
internal struct DepthwisePass : IWindowPass {
    public static int Lines(ConvGeometry conv) => conv.OutputHeight;

    public static int Columns(ConvGeometry conv) => conv.OutputWidth;

    public static int Channels(ConvGeometry conv) => conv.OutputChannels;

    public static Float4 Sum(ArrayView<float> x, ArrayView<float> weight, ConvGeometry conv, int image, int line, int column, int channel,
        int width) {
        ArrayView<Float4> x4 = x.Cast<Float4>(), weight4 = weight.Cast<Float4>();
        Float4 sum = default;
        for (int ky = 0; ky < conv.KernelHeight; ky++) {
            int iy = conv.InputRow(line, ky);
            if (iy < 0 || iy >= conv.Height) continue;
            for (int kx = 0; kx < conv.KernelWidth; kx++) {
                int ix = conv.InputColumn(column, kx);
                if (ix < 0 || ix >= conv.Width) continue;
                Float4.MultiplyAdd(ref sum, x4[(((image * conv.Height + iy) * conv.Width + ix) * conv.Channels + channel) >> 2],
                    weight4[((ky * conv.KernelWidth + kx) * conv.Channels + channel) >> 2]);
            }
        }
        return sum;
    }
}

/// <summary>To the input, each channel by itself, by fours; weight [taps, channels].</summary>
internal struct DepthwiseInputPass : IWindowPass {
    public static int Lines(ConvGeometry conv) => conv.Height;

    public static int Columns(ConvGeometry conv) => conv.Width;

    public static int Channels(ConvGeometry conv) => conv.Channels;

    public static Float4 Sum(ArrayView<float> dy, ArrayView<float> weight, ConvGeometry conv, int image, int line, int column, int channel,
        int width) {
        ArrayView<Float4> dy4 = dy.Cast<Float4>(), weight4 = weight.Cast<Float4>();
        Float4 sum = default;
        for (int ky = 0; ky < conv.KernelHeight; ky++) {
            int y = line - conv.InputRow(0, ky), oy = y / conv.StrideY;
            if (y < 0 || oy * conv.StrideY != y || oy >= conv.OutputHeight) continue;
            for (int kx = 0; kx < conv.KernelWidth; kx++) {
                int x = column - conv.InputColumn(0, kx), ox = x / conv.StrideX;
                if (x < 0 || ox * conv.StrideX != x || ox >= conv.OutputWidth) continue;
                Float4.MultiplyAdd(ref sum,
                    dy4[(((image * conv.OutputHeight + oy) * conv.OutputWidth + ox) * conv.Channels + channel) >> 2],
                    weight4[((ky * conv.KernelWidth + kx) * conv.Channels + channel) >> 2]);
            }
        }
        return sum;
    }
}

/// <summary>Forward: four outputs of a group from its inputs, four at a time; or one from them one by one.</summary>
internal struct GroupPass : IWindowPass {
    public static int Lines(ConvGeometry conv) => conv.OutputHeight;

    public static int Columns(ConvGeometry conv) => conv.OutputWidth;

    public static int Channels(ConvGeometry conv) => conv.OutputChannels;

    public static Float4 Sum(ArrayView<float> x, ArrayView<float> weight, ConvGeometry conv, int image, int line, int column, int channel,
        int width) {
        ArrayView<Float4> x4 = x.Cast<Float4>(), weight4 = weight.Cast<Float4>();
        int inputs = conv.GroupChannels, patch = conv.PatchSize, first = channel / conv.GroupOutputs * inputs;
        Float4 sum = default;
        for (int ky = 0; ky < conv.KernelHeight; ky++) {
            int iy = conv.InputRow(line, ky);
            if (iy < 0 || iy >= conv.Height) continue;
            for (int kx = 0; kx < conv.KernelWidth; kx++) {
                int ix = conv.InputColumn(column, kx);
                if (ix < 0 || ix >= conv.Width) continue;
                int from = ((image * conv.Height + iy) * conv.Width + ix) * conv.Channels + first;
                int at = channel * patch + (ky * conv.KernelWidth + kx) * inputs;
                for (int c = 0; c < inputs; c += width) {
                    if (width == 1) {
                        sum.X += x[from + c] * weight[at + c];
                        continue;
                    }
                    Float4 values = x4[(from + c) >> 2];
                    sum.X += Dot(values, weight4[(at + c) >> 2]);
                    sum.Y += Dot(values, weight4[(at + patch + c) >> 2]);
                    sum.Z += Dot(values, weight4[(at + 2 * patch + c) >> 2]);
                    sum.W += Dot(values, weight4[(at + 3 * patch + c) >> 2]);
                }
            }
        }
        return sum;
    }

    private static float Dot(Float4 a, Float4 b) => a.X * b.X + a.Y * b.Y + (a.Z * b.Z + a.W * b.W);
}

/// <summary>To the input: four inputs of a group from its outputs, four at a time; or one from them one by one.</summary>
internal struct GroupInputPass : IWindowPass {
    public static int Lines(ConvGeometry conv) => conv.Height;

    public static int Columns(ConvGeometry conv) => conv.Width;

    public static int Channels(ConvGeometry conv) => conv.Channels;

    public static Float4 Sum(ArrayView<float> dy, ArrayView<float> weight, ConvGeometry conv, int image, int line, int column, int channel,
        int width) {
        ArrayView<Float4> dy4 = dy.Cast<Float4>(), weight4 = weight.Cast<Float4>();
        int inputs = conv.GroupChannels, outputs = conv.GroupOutputs, patch = conv.PatchSize, group = channel / inputs;
        Float4 sum = default;
        for (int ky = 0; ky < conv.KernelHeight; ky++) {
            int y = line - conv.InputRow(0, ky), oy = y / conv.StrideY;
            if (y < 0 || oy * conv.StrideY != y || oy >= conv.OutputHeight) continue;
            for (int kx = 0; kx < conv.KernelWidth; kx++) {
                int x = column - conv.InputColumn(0, kx), ox = x / conv.StrideX;
                if (x < 0 || ox * conv.StrideX != x || ox >= conv.OutputWidth) continue;
                int from = ((image * conv.OutputHeight + oy) * conv.OutputWidth + ox) * conv.OutputChannels + group * outputs;
                int at = group * outputs * patch + (ky * conv.KernelWidth + kx) * inputs + channel - group * inputs;
                for (int o = 0; o < outputs; o += width, at += width * patch) {
                    if (width == 1) {
                        sum.X += dy[from + o] * weight[at];
                        continue;
                    }
                    Float4 slopes = dy4[(from + o) >> 2];
                    Float4.MultiplyAdd(ref sum, slopes.X, weight4[at >> 2]);
                    Float4.MultiplyAdd(ref sum, slopes.Y, weight4[(at + patch) >> 2]);
                    Float4.MultiplyAdd(ref sum, slopes.Z, weight4[(at + 2 * patch) >> 2]);
                    Float4.MultiplyAdd(ref sum, slopes.W, weight4[(at + 3 * patch) >> 2]);
                }
            }
        }
        return sum;
    }
}
