using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

/// <summary>Convolutions in which each channel has its own kernel: too little arithmetic for a product; direct loops, 16 channels at a
/// time. The kernel is laid out [tap][channel], channels filled up to 16.</summary>
internal static unsafe class DepthwiseHost {
    /// <summary>y = conv(x).</summary>
    public static void Forward(HostDevice host, ConvGeometry conv, float* x, float* weight, float* bias, float* y) {
        using Tensor packed = PackKernel(host, conv, weight);
        float* kernel = packed.Pointer;
        int padded = Gemm.Align(conv.Channels);
        Lines(host, conv, conv.Images * conv.OutputHeight, conv.OutputWidth, line => {
            int image = line / conv.OutputHeight, oy = line % conv.OutputHeight;
            for (int ox = 0; ox < conv.OutputWidth; ox++) {
                float* to = y + ((nint)line * conv.OutputWidth + ox) * conv.Channels;
                for (int c = 0; c < conv.Channels; c += 16) {
                    int count = Math.Min(16, conv.Channels - c);
                    Vector512<float> sum = bias == null ? default : Load(bias + c, count);
                    for (int ky = 0; ky < conv.KernelHeight; ky++) {
                        int iy = conv.InputRow(oy, ky);
                        if ((uint)iy >= (uint)conv.Height) continue;
                        for (int kx = 0; kx < conv.KernelWidth; kx++) {
                            int ix = conv.InputColumn(ox, kx);
                            if ((uint)ix >= (uint)conv.Width) continue;
                            float* from = x + (((nint)image * conv.Height + iy) * conv.Width + ix) * conv.Channels + c;
                            float* tap = kernel + (ky * conv.KernelWidth + kx) * padded + c;
                            sum = Vector512.MultiplyAddEstimate(Load(from, count), Vector512.Load(tap), sum);
                        }
                    }
                    Store(sum, to + c, count);
                }
            }
        });
    }

    /// <summary>dx from dy; with a bias, the transposed convolution.</summary>
    public static void InputGradient(HostDevice host, ConvGeometry conv, float* dy, float* weight, float* bias, float* dx) {
        using Tensor packed = PackKernel(host, conv, weight);
        float* kernel = packed.Pointer;
        int padded = Gemm.Align(conv.Channels);
        Lines(host, conv, conv.Images * conv.Height, conv.Width, line => {
            int image = line / conv.Height, iy = line % conv.Height;
            for (int ix = 0; ix < conv.Width; ix++) {
                float* to = dx + ((nint)line * conv.Width + ix) * conv.Channels;
                for (int c = 0; c < conv.Channels; c += 16) {
                    int count = Math.Min(16, conv.Channels - c);
                    Vector512<float> sum = bias == null ? default : Load(bias + c, count);
                    for (int ky = 0; ky < conv.KernelHeight; ky++) {
                        int oy = iy - conv.InputRow(0, ky);
                        if (oy % conv.StrideY != 0 || (uint)(oy /= conv.StrideY) >= (uint)conv.OutputHeight) continue;
                        for (int kx = 0; kx < conv.KernelWidth; kx++) {
                            int ox = ix - conv.InputColumn(0, kx);
                            if (ox % conv.StrideX != 0 || (uint)(ox /= conv.StrideX) >= (uint)conv.OutputWidth) continue;
                            float* from = dy + (((nint)image * conv.OutputHeight + oy) * conv.OutputWidth + ox) * conv.Channels + c;
                            float* tap = kernel + (ky * conv.KernelWidth + kx) * padded + c;
                            sum = Vector512.MultiplyAddEstimate(Load(from, count), Vector512.Load(tap), sum);
                        }
                    }
                    Store(sum, to + c, count);
                }
            }
        });
    }

    /// <summary>dWeight from x and dy: each item owns 16 channels; sums run over pixels line by line.</summary>
    public static void WeightGradient(HostDevice host, ConvGeometry conv, float* x, float* dy, float* dWeight) {
        int groups = (conv.Channels + 15) / 16;
        host.Workers.For(groups * conv.Taps, item => {
            int c = item / conv.Taps * 16, tap = item % conv.Taps, count = Math.Min(16, conv.Channels - c);
            int ky = tap / conv.KernelWidth, kx = tap % conv.KernelWidth;
            Vector512<float> total = default;
            for (int line = 0; line < conv.Images * conv.OutputHeight; line++) {
                int image = line / conv.OutputHeight, iy = conv.InputRow(line % conv.OutputHeight, ky);
                if ((uint)iy >= (uint)conv.Height) continue;
                Vector512<float> sum = default;
                for (int ox = 0; ox < conv.OutputWidth; ox++) {
                    int ix = conv.InputColumn(ox, kx);
                    if ((uint)ix >= (uint)conv.Width) continue;
                    float* input = x + (((nint)image * conv.Height + iy) * conv.Width + ix) * conv.Channels + c;
                    float* gradient = dy + ((nint)line * conv.OutputWidth + ox) * conv.Channels + c;
                    sum = Vector512.MultiplyAddEstimate(Load(input, count), Load(gradient, count), sum);
                }
                total += sum;
            }
            for (int i = 0; i < count; i++) dWeight[(nint)(c + i) * conv.Taps + tap] = total[i];
        });
    }

    private static void Lines(HostDevice host, in ConvGeometry conv, int lines, int width, Action<int> body) {
        int grain = (int)Math.Max(1, (1 << 17) / ((long)width * conv.Channels * conv.Taps + 1));
        host.Workers.ForRange(lines, grain, (from, until) => {
            for (int line = from; line < until; line++) body(line);
        });
    }

    private static Tensor PackKernel(HostDevice host, in ConvGeometry conv, float* weight) {
        int padded = Gemm.Align(conv.Channels);
        Tensor packed = Tensor.Zeros([conv.Taps * padded], device: host);
        float* to = packed.Pointer;
        for (int c = 0; c < conv.Channels; c++)
            for (int tap = 0; tap < conv.Taps; tap++) to[tap * padded + c] = weight[(nint)c * conv.Taps + tap];
        return packed;
    }

    private static Vector512<float> Load(float* from, int count) {
        if (count == 16) return Vector512.Load(from);
        float* lanes = stackalloc float[16];
        for (int i = 0; i < count; i++) lanes[i] = from[i];
        return Vector512.Load(lanes);
    }

    private static void Store(Vector512<float> value, float* to, int count) {
        if (count == 16) {
            value.Store(to);
            return;
        }
        for (int i = 0; i < count; i++) to[i] = value[i];
    }
}
