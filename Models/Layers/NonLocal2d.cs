using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A non-local block (Wang et al., Non-local Neural Networks, 2018, equations 4 to 6) as mmcv has it: to every pixel what all
/// others show is added, as far as they are alike. Likeness is that of 1×1 convolutions θ and φ of the map: a softmax over products, or
/// products over the number of pixels.</summary>
public sealed class NonLocal2d : Layer {
    private readonly bool useScale, dotProduct;
    private readonly ConvModule values, output, queries, keys;

    /// <summary>A block to be initialised or loaded.</summary>
    /// <param name="channels">Channels of the map.</param>
    /// <param name="reduction">How many times fewer there are inside.</param>
    /// <param name="useScale">Whether products are divided by the root of the channels inside; dot products never are.</param>
    /// <param name="dotProduct">Whether likeness is the product itself, over the number of pixels; else its softmax.</param>
    /// <param name="norm">The norm behind the last convolution, or null.</param>
    public NonLocal2d(int channels, int reduction = 2, bool useScale = true, bool dotProduct = false, NormConfig? norm = null) {
        (this.useScale, this.dotProduct) = (useScale, dotProduct);
        int inside = Math.Max(channels / reduction, 1);
        values = new ConvModule(channels, inside, 1, relu: false);
        output = new ConvModule(inside, channels, 1, norm: norm, relu: false);
        queries = new ConvModule(channels, inside, 1, relu: false);
        keys = new ConvModule(channels, inside, 1, relu: false);
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children =>
        [("g", values), ("conv_out", output), ("theta", queries), ("phi", keys)];

    /// <summary>[N,H,W,C] to the same.</summary>
    public override Tensor Forward(Tensor x) {
        using var scope = new TensorScope();
        Tensor query = Rows(queries.Forward(x)), key = Rows(keys.Forward(x)), value = Rows(values.Forward(x));
        int pixels = query.Shape[1];
        if (useScale && !dotProduct) query *= 1 / MathF.Sqrt(query.Shape[2]);
        Tensor alike = Op.MatMul(query, key, transposeB: true);
        alike = dotProduct ? alike / pixels : Op.Softmax(alike);
        Tensor seen = Op.MatMul(alike, value);
        return scope.Keep(x + output.Forward(Op.Reshape(seen, x.Shape[0], x.Shape[1], x.Shape[2], seen.Shape[2])));
    }

    /// <summary>Small normal weights; the last convolution, or the norm behind it, begins at zero, so that the block changes
    /// nothing.</summary>
    public override void Initialize(Philox random) {
        base.Initialize(random);
        foreach (ConvModule part in new[] { values, queries, keys }) Initializers.Normal(part.Convolution, random, 0.01f);
        Initializers.KaimingNormal(output.Convolution, random);
        Module last = output.Children.Last().Module;
        foreach ((_, Parameter parameter) in last.Parameters()) parameter.Fill(0);
    }

    private static Tensor Rows(Tensor map) => Op.Reshape(map, map.Shape[0], map.Shape[1] * map.Shape[2], map.Shape[3]);
}
