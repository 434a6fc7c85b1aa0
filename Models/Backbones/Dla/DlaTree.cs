using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A tree of residual blocks: two blocks and a root that joins them, or two smaller trees, of which the second one's last root
/// joins what the first gave, too. State names: tree1, tree2, root, project.</summary>
internal sealed class DlaTree : Layer {
    private readonly bool aggregatesInput;
    private readonly int stride;
    private readonly Module first, second;   // blocks or trees
    private readonly DlaRoot? root;
    private readonly ConvStack? project;

    /// <summary>A tree.</summary>
    /// <param name="levels">Its depth.</param>
    /// <param name="inputs">Input channels.</param>
    /// <param name="channels">Output channels.</param>
    /// <param name="stride">Input pixels between outputs.</param>
    /// <param name="aggregatesInput">Whether the last root sees the input, too.</param>
    /// <param name="joined">Channels that the last root sees of maps from outside.</param>
    public DlaTree(int levels, int inputs, int channels, int stride, bool aggregatesInput = false, int joined = 0) {
        (this.stride, this.aggregatesInput) = (stride, aggregatesInput);
        if (aggregatesInput) joined += inputs;
        if (levels == 1) {
            (first, second) = (ResidualBlock.Basic(inputs, channels, stride, 1, projects: false),
                ResidualBlock.Basic(channels, channels, 1, 1));
            root = new DlaRoot(2 * channels + joined, channels);
        } else {
            (first, second) = (new DlaTree(levels - 1, inputs, channels, stride),
                new DlaTree(levels - 1, channels, channels, 1, joined: joined + channels));
        }
        if (inputs != channels) project = new ConvStack(false, (new Conv2d(inputs, channels, 1, bias: false), new BatchNorm2d(channels)));
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children => [
        ("tree1", first), ("tree2", second), .. root is null ? (IEnumerable<(string, Module)>)[] : [("root", root)],
        .. project is null ? (IEnumerable<(string, Module)>)[] : [("project", project)],
    ];

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Forward(x, []);

    /// <summary>The tree's map, from its input and what its last root joins from outside.</summary>
    private Tensor Forward(Tensor x, IReadOnlyList<Tensor> outside) {
        using var scope = new TensorScope();
        Tensor bottom = stride > 1 ? Op.MaxPool2d(x, stride, stride) : x;
        if (aggregatesInput) outside = [.. outside, bottom];
        if (root is null) {
            Tensor half = ((DlaTree)first).Forward(x);
            return scope.Keep(((DlaTree)second).Forward(half, [.. outside, half]));
        }
        // A projection of a tree of trees has weights, but nobody looks at it.
        Tensor shortcut = project is null ? bottom : project.Forward(bottom), one = ((ResidualBlock)first).Forward(x, shortcut),
            two = ((ResidualBlock)second).Forward(one);
        return scope.Keep(root.Forward([two, one, .. outside]));
    }
}
