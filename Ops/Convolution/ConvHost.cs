using System.Collections.Concurrent;

namespace DenseEngine.Ops;

/// <summary>How a convolution is computed.</summary>
internal enum ConvMethod {
    /// <summary>As is faster, by a rule fitted to measurements.</summary>
    Faster,

    /// <summary>As a product of patches and weights.</summary>
    Product,

    /// <summary>By Winograd's transforms, if the convolution is one that they are for.</summary>
    Winograd,
}

/// <summary>The host path of convolutions: three products whose patches are packed straight from the feature maps, group by group.
/// Depthwise ones go to <see cref="DepthwiseHost"/>, 3×3 ones of stride 1 to <see cref="WinogradHost"/> where that is faster.</summary>
internal static unsafe class ConvHost {
    private static readonly ConcurrentDictionary<(int, int, int, int, int, int), Tap[]> windows = new();

    /// <summary>y = conv(x) · scale + bias, and what follows.</summary>
    public static void Forward(HostDevice host, ConvGeometry conv, Tensor x, Tensor weight, Tensor? bias, Tensor y,
        GemmKernel? forced = null, ConvMethod method = ConvMethod.Faster, Tensor? scale = null, GemmEnding ending = default) {
        if (conv.IsDepthwise) {
            DepthwiseHost.Forward(host, conv, x.Pointer, weight.Pointer, bias is null ? null : bias.Pointer, y.Pointer);
            return;
        }
        float* start = bias is null ? null : bias.Pointer;
        if (WinogradChoice.Forward(host, conv, method)) {
            using var winograd = Packed.Of(weight, typeof(WinogradWeights), scale, forced, (host, conv, weight, scale),
                static (kernel, from) => WinogradWeights.Forward(from.host, kernel, from.weight.Pointer, from.conv.Channels,
                    from.conv.OutputChannels, from.scale is null ? null : from.scale.Pointer));
            WinogradHost.Run(host, WinogradMap.Forward(conv), x.Pointer, winograd.Value, start, y.Pointer, ending);
            return;
        }
        using var packed = Packed.Of(weight, Packed.Groups(conv.Groups), scale, forced, (host, conv, weight, scale),
            static (kernel, from) => new ConvColumns(from.host, kernel, from.conv, from.weight, from.scale));
        for (int group = 0; group < conv.Groups; group++) {
            GemmColumns columns = packed.Value[group];
            float* groupStart = start == null ? null : start + group * conv.GroupOutputs;
            var output = new GemmOutput(y.Pointer + group * conv.GroupOutputs, conv.OutputChannels, ending);
            WindowLines window = WindowLines.Of(conv);
            if (IsPointwise(conv)) {
                var pixels = new MatrixRows(x.Pointer + group * conv.GroupChannels, conv.Channels);
                Gemm.Run(host, pixels, conv.OutputPixels, columns, groupStart, false, output);
            } else if (ConvLines.Accepts(window, conv.Groups, conv.DilationX, conv.OutputChannels, columns.Kernel)) {
                ConvLines.Run(host, window, x.Pointer, columns, groupStart, y.Pointer, ending);
            } else {
                Gemm.Run(host, Patches(conv, x.Pointer, group, Taps(conv)), conv.OutputPixels, columns, groupStart, false, output);
            }
        }
    }

    /// <summary>dx from dy. A stride cuts the input pixels into classes that see different taps; each is a product of its own, over
    /// patches of dy.</summary>
    public static void InputGradient(HostDevice host, ConvGeometry conv, Tensor dy, Tensor weight, Tensor? bias, Tensor dx,
        GemmKernel? forced = null, ConvMethod method = ConvMethod.Faster) {
        if (conv.IsDepthwise) {
            DepthwiseHost.InputGradient(host, conv, dy.Pointer, weight.Pointer, bias is null ? null : bias.Pointer, dx.Pointer);
            return;
        }
        if (WinogradChoice.InputGradient(host, conv, method)) {
            using var weights = WinogradWeights.Back(host, forced ?? GemmKernel.Best, weight.Pointer, conv.Channels, conv.OutputChannels);
            WinogradHost.Run(host, WinogradMap.Back(conv), dy.Pointer, weights, bias is null ? null : bias.Pointer, dx.Pointer);
            return;
        }
        if (conv.KernelHeight < conv.StrideY || conv.KernelWidth < conv.StrideX || conv.DilationY > 1 || conv.DilationX > 1)
            FillPixels(host, dx, bias);   // some classes may see no tap
        for (int classY = 0; classY < Math.Min(conv.StrideY, conv.Height); classY++) {
            for (int classX = 0; classX < Math.Min(conv.StrideX, conv.Width); classX++) {
                Tap[] taps = ClassTaps(conv, classY, classX);
                if (taps.Length == 0) continue;
                for (int group = 0; group < conv.Groups; group++)
                    ClassGradient(host, conv, dy, weight, bias, dx, group, taps, classY, classX, forced ?? GemmKernel.Best);
            }
        }
    }

    /// <summary>dWeight from x and dy: dyᵀ times the patches of x.</summary>
    public static void WeightGradient(HostDevice host, ConvGeometry conv, Tensor x, Tensor dy, Tensor dWeight, GemmKernel? forced = null,
        ConvMethod method = ConvMethod.Faster) {
        if (conv.IsDepthwise) {
            DepthwiseHost.WeightGradient(host, conv, x.Pointer, dy.Pointer, dWeight.Pointer);
            return;
        }
        GemmKernel kernel = forced ?? GemmKernel.Best;
        if (WinogradChoice.WeightGradient(host, conv, method)) {
            WinogradGradient.Run(host, kernel, conv, x.Pointer, dy.Pointer, dWeight.Pointer);
            return;
        }
        Tap[] taps = Taps(conv);
        for (int group = 0; group < conv.Groups; group++) {
            float* left = dy.Pointer + group * conv.GroupOutputs,
                result = dWeight.Pointer + (nint)group * conv.GroupOutputs * conv.PatchSize;
            if (IsPointwise(conv)) {
                var pixels = new MatrixRows(x.Pointer + group * conv.GroupChannels, conv.Channels);
                GemmOuter.Run(host, kernel, left, conv.OutputChannels, conv.GroupOutputs, pixels, conv.PatchSize, conv.OutputPixels,
                    result);
            } else if (ConvLines.AcceptsWeights(WindowLines.Of(conv), conv.Groups, conv.DilationX, conv.OutputChannels, kernel)) {
                ConvLines.WeightGradient(host, WindowLines.Of(conv), kernel, x.Pointer, dy.Pointer, conv.OutputChannels, result);
            } else {
                PatchRows patches = Patches(conv, x.Pointer, group, taps);
                GemmOuter.Run(host, kernel, left, conv.OutputChannels, conv.GroupOutputs, patches, conv.PatchSize, conv.OutputPixels,
                    result);
            }
        }
    }

    /// <summary>Sets every pixel to the bias, or to zero.</summary>
    private static void FillPixels(HostDevice host, Tensor x, Tensor? bias) {
        if (bias is null) {
            host.Fill(x, 0);
            return;
        }
        int channels = bias.Count;
        float* pixels = x.Pointer, values = bias.Pointer;
        host.Workers.ForRange(channels == 0 ? 0 : x.Count / channels, 1024, (from, until) => {
            for (int i = from; i < until; i++) Copy.Run(values, pixels + (nint)i * channels, channels);
        });
    }

    private static bool IsPointwise(in ConvGeometry conv) =>
        conv is { Taps: 1, StrideY: 1, StrideX: 1, PaddingY: 0, PaddingX: 0 };

    private static PatchRows Patches(in ConvGeometry conv, float* x, int group, Tap[] taps) =>
        new(x + group * conv.GroupChannels, conv.Height, conv.Width, conv.Channels, conv.GroupChannels,
            conv.OutputHeight, conv.OutputWidth, (conv.StrideY, conv.StrideX), taps);

    private static void ClassGradient(HostDevice host, in ConvGeometry conv, Tensor dy, Tensor weight, Tensor? bias, Tensor dx, int group,
        Tap[] taps, int classY, int classX, GemmKernel kernel) {
        int inputs = conv.GroupChannels, outputs = conv.GroupOutputs, patch = conv.PatchSize;
        int gridHeight = (conv.Height - classY + conv.StrideY - 1) / conv.StrideY,
            gridWidth = (conv.Width - classX + conv.StrideX - 1) / conv.StrideX;
        using var columns = new GemmColumns(host, kernel, taps.Length * outputs, inputs);
        float* groupWeight = weight.Pointer + (nint)group * outputs * patch;
        for (int i = 0; i < taps.Length; i++) columns.FromRows(groupWeight + (nint)taps[i].Index * inputs, patch, i * outputs, outputs);
        float* start = bias is null ? null : bias.Pointer + group * inputs;
        WindowLines window = WindowLines.Back(conv);
        if (conv is { StrideY: 1, StrideX: 1 } && ConvLines.Accepts(window, conv.Groups, conv.DilationX, inputs, kernel)) {
            ConvLines.Run(host, window, dy.Pointer, columns, start, dx.Pointer);
            return;
        }
        var patches = new PatchRows(dy.Pointer + group * outputs, conv.OutputHeight, conv.OutputWidth, conv.OutputChannels, outputs,
            gridHeight, gridWidth, 1, taps);
        nint line = (nint)conv.Width * conv.Channels;
        var output = new GemmOutput(dx.Pointer + classY * line + (nint)classX * conv.Channels + group * inputs,
            (nint)conv.StrideX * conv.Channels,
            gridWidth, gridHeight, conv.StrideY * line, conv.Height * line);
        Gemm.Run(host, patches, conv.Images * gridHeight * gridWidth, columns, start, false, output);
    }

    /// <summary>The taps of the windows of a convolution; there are few kinds, which are kept.</summary>
    private static Tap[] Taps(in ConvGeometry conv) => windows.GetOrAdd((conv.KernelHeight, conv.KernelWidth, conv.PaddingY, conv.PaddingX,
        conv.DilationY, conv.DilationX), static (_, conv) => MakeTaps(conv), conv);

    private static Tap[] MakeTaps(in ConvGeometry conv) {
        var taps = new Tap[conv.Taps];
        for (int ky = 0; ky < conv.KernelHeight; ky++)
            for (int kx = 0; kx < conv.KernelWidth; kx++)
                taps[ky * conv.KernelWidth + kx] = new Tap(conv.InputRow(0, ky), conv.InputColumn(0, kx), ky * conv.KernelWidth + kx);
        return taps;
    }

    /// <summary>The taps through which the input pixels of a class (classY + i·strideY, classX + j·strideX) are seen, as offsets of the
    /// output pixel from (i, j); from the last to the first, so that offsets ascend and neighbours can be copied together.</summary>
    private static Tap[] ClassTaps(in ConvGeometry conv, int classY, int classX) {
        var taps = new List<Tap>();
        for (int ky = conv.KernelHeight - 1; ky >= 0; ky--) {
            int y = classY - conv.InputRow(0, ky);
            if (y % conv.StrideY != 0) continue;
            for (int kx = conv.KernelWidth - 1; kx >= 0; kx--) {
                int x = classX - conv.InputColumn(0, kx);
                if (x % conv.StrideX == 0) taps.Add(new Tap(y / conv.StrideY, x / conv.StrideX, ky * conv.KernelWidth + kx));
            }
        }
        return [.. taps];
    }
}
