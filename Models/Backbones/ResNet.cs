using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>ResNet (He et al., 2016) as mmdetection has it: stem (7×7 convolution, batch norm, ReLU, max pool), then stages of blocks.
/// Frozen stages stay in evaluation mode and are not trained.</summary>
public sealed class ResNet : Backbone {
    private readonly ResNetConfig config;
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Sequential[] stages;

    /// <summary>A network to be initialised or loaded.</summary>
    /// <exception cref="ConfigException">The configuration contradicts itself.</exception>
    public ResNet(ResNetConfig config) {
        config.Validate();
        this.config = config;
        conv1 = new Conv2d(3, config.BaseChannels, 7, 2, 3, bias: false);
        bn1 = new BatchNorm2d(config.BaseChannels);
        (int[] blocks, int expansion) = ResNetConfig.Plan(config.Depth);
        stages = new Sequential[config.Strides.Count];
        int inputs = config.BaseChannels;
        bool fallsBack = config.DcnFallbackOnStride;
        for (int i = 0; i < stages.Length; i++) {
            int channels = config.BaseChannels << i, stage = i;
            DcnConfig? dcn = config.StageWithDcn[i] ? config.Dcn : null;
            var layers = new List<Layer>();
            for (int block = 0; block < blocks[i]; block++) {
                int stride = block == 0 ? config.Strides[stage] : 1, dilation = config.Dilations[stage];
                layers.Add(expansion == 1 ? ResidualBlock.Basic(inputs, channels, stride, dilation)
                    : ResidualBlock.Bottleneck(inputs, channels, stride, dilation, config.CaffeStyle, fallsBack ? null : dcn));
                if (dcn is not null) fallsBack = false;   // mmdetection forgets it after the first block that asks
                inputs = channels * expansion;
            }
            stages[i] = new Sequential(layers);
        }
        if (!config.NormTrains)
            foreach (BatchNorm2d norm in Modules<BatchNorm2d>()) norm.Freeze();
        foreach (Module frozen in FrozenParts) frozen.Freeze();
    }

    /// <inheritdoc/>
    public override IReadOnlyList<int> Channels => [.. config.OutIndices.Select(i => config.StageChannels()[i])];

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children =>
        [("conv1", conv1), ("bn1", bn1), .. stages.Select((stage, i) => ($"layer{i + 1}", (Module)stage))];

    private IEnumerable<Module> FrozenParts => config.FrozenStages < 0 ? [] : [conv1, bn1, .. stages.Take(config.FrozenStages)];

    /// <summary>[N,H,W,3] to one map for each of the stages asked for, at strides 4, 8, 16 and 32 by default.</summary>
    public override Tensor[] Forward(Tensor x) {
        var outputs = new List<Tensor>();
        using var scope = new TensorScope();
        using (Tensor stem = ConvNorm.Forward(conv1, bn1, x, relu: true)) x = Op.MaxPool2d(stem, 3, 2, 1);
        for (int i = 0; i < stages.Length; i++) {
            x = stages[i].Forward(x);
            if (config.OutIndices.Contains(i)) outputs.Add(scope.Keep(x));
            if (i == config.OutIndices[^1]) break;
        }
        return [.. outputs];
    }

    /// <inheritdoc/>
    public override void Train(bool training = true) {
        base.Train(training);
        foreach (Module frozen in FrozenParts) frozen.Train(false);
        if (!config.NormEval) return;
        foreach (BatchNorm2d norm in Modules<BatchNorm2d>()) norm.Train(false);
    }

    /// <inheritdoc/>
    public override void Initialize(Philox random) {
        Initializers.KaimingNormal(conv1, random);
        base.Initialize(random);
    }
}
