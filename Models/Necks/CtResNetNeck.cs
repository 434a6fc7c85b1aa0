namespace DenseEngine.Models;

/// <summary>What enlarges a ResNet's last map for CenterNet (Zhou et al., 2019, section 5; mmdetection's <c>CTResNetNeck</c>): stages of a
/// 3×3 convolution, plain or deformable, and a transposed one that doubles the sides, each with a batch norm and a ReLU. The state names
/// them <c>deconv_layers</c> by turns.</summary>
public sealed class CtResNetNeck : Neck {
    private static readonly NormConfig Norm = new(NormKind.Batch);

    private readonly bool deforms;
    private readonly Sequential layers;

    /// <summary>A neck to be initialised or loaded.</summary>
    /// <param name="config">What it consists of.</param>
    /// <param name="inputs">The channels of the backbone's last map.</param>
    /// <exception cref="ConfigException">The configuration is out of range.</exception>
    public CtResNetNeck(CtResNetNeckConfig config, int inputs) {
        config.Validate();
        deforms = config.Dcn is not null;
        List<Layer> stages = [];
        foreach ((int filters, int kernel) in config.Filters.Zip(config.Kernels)) {
            stages.Add(new ConvModule(inputs, filters, 3, padding: 1, norm: Norm, bias: config.DcnBias, dcn: config.Dcn));
            stages.Add(new ConvModule(new ConvTranspose2d(filters, filters, kernel, 2, 1), filters, Norm));
            inputs = filters;
        }
        layers = new Sequential(stages);
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children => [("deconv_layers", layers)];

    /// <summary>The last of the maps, its sides multiplied.</summary>
    public override Tensor[] Forward(IReadOnlyList<Tensor> maps) => [layers.Forward(maps[^1])];

    /// <summary>The original's: <see cref="ConvTranspose2d"/> begins as a bilinear enlargement, plain convolutions as PyTorch's.</summary>
    public override void Initialize(Philox random) {
        base.Initialize(random);
        foreach (Convolution convolution in Modules<Convolution>()) {
            if (convolution is ConvTranspose2d enlarging) enlarging.InitializeBilinear(random);
            else if (!deforms) Initializers.Default(convolution, random);
        }
    }
}
