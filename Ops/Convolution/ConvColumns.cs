namespace DenseEngine.Ops;

/// <summary>A convolution's weight [O, KH, KW, C/groups], each output's part by a factor if there are any, packed group by group as the
/// right side of products.</summary>
internal sealed unsafe class ConvColumns : IDisposable {
    private readonly GemmColumns[] groups;

    public ConvColumns(HostDevice host, GemmKernel kernel, ConvGeometry conv, Tensor weight, Tensor? scale) {
        groups = new GemmColumns[conv.Groups];
        for (int group = 0; group < groups.Length; group++) {
            groups[group] = new GemmColumns(host, kernel, conv.PatchSize, conv.GroupOutputs)
                .FromColumns(weight.Pointer + (nint)group * conv.GroupOutputs * conv.PatchSize, conv.PatchSize);
            if (scale is not null) groups[group].Scale(scale.Pointer + group * conv.GroupOutputs);
        }
    }

    /// <summary>A group's columns.</summary>
    public GemmColumns this[int group] => groups[group];

    public void Dispose() {
        foreach (GemmColumns group in groups) group.Dispose();
    }
}
