namespace DenseEngine.Models;

/// <summary>What most dense heads begin with: a tower of convolutions for the classes, another for the boxes, and a factor for each
/// level.</summary>
internal sealed class HeadTowers {
    /// <summary>Towers to be initialised or loaded.</summary>
    /// <param name="config">Their depth, width and norm.</param>
    /// <param name="bias">Whether their convolutions have a bias; null: if there is no norm.</param>
    /// <param name="last">The deformable convolution that stands in the last one's place, or null.</param>
    public HeadTowers(DenseConfig config, bool? bias = null, DcnConfig? last = null) {
        (Class, Box) = (Tower(), Tower());
        Scales = new ModuleList<Scale>(config.Strides.Select(_ => new Scale()));
        Sequential Tower() => ConvTower.Create(config.Neck.OutChannels, config.FeatChannels, config.StackedConvs, config.HeadNorm, bias,
            config.FirstConv, last);
    }

    /// <summary>The classes' tower, <c>cls_convs</c>.</summary>
    public Sequential Class { get; }

    /// <summary>The boxes' tower, <c>reg_convs</c>.</summary>
    public Sequential Box { get; }

    /// <summary>The levels' factors, <c>scales</c>.</summary>
    public ModuleList<Scale> Scales { get; }

    /// <summary>The towers by their state names.</summary>
    public IEnumerable<(string Name, Module Module)> Children => [("cls_convs", Class), ("reg_convs", Box)];
}
