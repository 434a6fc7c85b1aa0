using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Classes and boxes of pooled regions by two fully connected layers. As mmdetection 2.25's <c>Shared2FCBBoxHead</c>.</summary>
public sealed class BoxHead : Module {
    private readonly ModuleList<Linear> shared;
    private readonly Linear scores, boxes;

    /// <summary>A head to be initialised or loaded.</summary>
    /// <param name="config">Its sizes.</param>
    /// <param name="channels">Channels of the regions.</param>
    /// <param name="classes">How many classes the objects have.</param>
    public BoxHead(RoiConfig config, int channels, int classes) {
        shared = new([new Linear(channels, config.FcChannels, config.PooledSize), new Linear(config.FcChannels, config.FcChannels)]);
        scores = new Linear(config.FcChannels, classes + 1);
        boxes = new Linear(config.FcChannels, config.ClassAgnostic ? 4 : 4 * classes);
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children =>
        [("fc_cls", scores), ("fc_reg", boxes), ("shared_fcs", shared)];

    /// <summary>Class logits [R,C+1], the last the background's, and differences [R,4·C] or [R,4], of pooled regions [R,h,w,c].</summary>
    public (Tensor Scores, Tensor Codes) Forward(Tensor regions) {
        using var scope = new TensorScope();
        Tensor x = Op.Relu(shared[1].Forward(Op.Relu(shared[0].Forward(regions))));
        return (scope.Keep(scores.Forward(x)), scope.Keep(boxes.Forward(x)));
    }

    /// <summary>Xavier's uniform weights in front, normal ones of deviation 0.01 for classes and 0.001 for boxes.</summary>
    public override void Initialize(Philox random) {
        foreach (Linear layer in shared.Modules<Linear>()) Initializers.XavierUniform(layer, random);
        Initializers.Normal(scores, random, 0.01f);
        Initializers.Normal(boxes, random, 0.001f);
    }
}
