namespace DenseEngine.Ops;

/// <summary>The host path of deformable convolutions: products whose rows are sampled where they are packed, group by group.</summary>
internal static unsafe class DeformHost {
    /// <summary>y = conv(x), with a ReLU at its end if asked for.</summary>
    public static void Forward(HostDevice host, DeformGeometry deform, Tensor x, Tensor offset, Tensor? mask, Tensor weight, Tensor? bias,
        Tensor y, bool relu) {
        ConvGeometry conv = deform.Conv;
        using var packed = Packed.Of(weight, Packed.Groups(conv.Groups), null, null, (host, conv, weight),
            static (kernel, from) => new ConvColumns(from.host, kernel, from.conv, from.weight, null));
        using Tensor zeros = Zeros(host, conv);
        for (int group = 0; group < conv.Groups; group++) {
            var rows = new DeformRows(deform, x, offset, mask, group, zeros);
            float* start = bias is null ? null : bias.Pointer + group * conv.GroupOutputs;
            var output = new GemmOutput(y.Pointer + group * conv.GroupOutputs, conv.OutputChannels, new GemmEnding(0, relu));
            Gemm.Run(host, rows, conv.OutputPixels, packed.Value[group], start, false, output);
        }
    }

    /// <summary>dWeight from the samples of x and dy.</summary>
    public static void WeightGradient(HostDevice host, DeformGeometry deform, Tensor x, Tensor offset, Tensor? mask, Tensor dy,
        Tensor dWeight) {
        ConvGeometry conv = deform.Conv;
        using Tensor zeros = Zeros(host, conv);
        for (int group = 0; group < conv.Groups; group++) {
            var rows = new DeformRows(deform, x, offset, mask, group, zeros);
            GemmOuter.Run(host, GemmKernel.Best, dy.Pointer + group * conv.GroupOutputs, conv.OutputChannels, conv.GroupOutputs, rows,
                conv.PatchSize, conv.OutputPixels, dWeight.Pointer + (nint)group * conv.GroupOutputs * conv.PatchSize);
        }
    }

    /// <summary>A pixel of zeros, for corners off the map.</summary>
    private static Tensor Zeros(HostDevice host, in ConvGeometry conv) {
        var zeros = new Tensor(host, [conv.GroupChannels]);
        host.Fill(zeros, 0);
        return zeros;
    }
}
