using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A transposed convolution without a bias, which enlarges maps (PyTorch's <c>ConvTranspose2d</c>).</summary>
public sealed class ConvTranspose2d : Convolution {
    private readonly Pair stride, padding;
    private readonly int groups;

    /// <summary>A convolution of zeros, to be initialised or loaded.</summary>
    /// <param name="inputs">Input channels.</param>
    /// <param name="outputs">Output channels.</param>
    /// <param name="kernel">Window size.</param>
    /// <param name="stride">Output pixels between inputs.</param>
    /// <param name="padding">Pixels cut off on each side.</param>
    /// <param name="groups">Independent groups of channels.</param>
    public ConvTranspose2d(int inputs, int outputs, Pair kernel, Pair stride, Pair padding = default, int groups = 1)
        : base(outputs, inputs, kernel, groups, bias: false) => (this.stride, this.padding, this.groups) = (stride, padding, groups);

    /// <summary>[N,H,W,I] to [N,H',W',O]: see <see cref="Op.ConvTranspose2d"/>.</summary>
    public override Tensor Forward(Tensor x) => Op.ConvTranspose2d(x, Weight.Value, null, stride, padding, groups: groups);

    /// <summary>Makes it PyTorch's default weights, but the bilinear kernel from every input to the first output of its group: what the
    /// official CenterNet does, which has one output a group in mind.</summary>
    internal void InitializeBilinear(Philox random) {
        Initializers.Default(this, random);
        Shape shape = Weight.Value.Shape;
        float[] values = Weight.Value.ToArray();
        int factor = (shape[1] + 1) / 2;
        double middle = (2 * factor - 1 - factor % 2) / (2.0 * factor);
        for (int at = 0; at < values.Length; at += shape[3]) {
            int column = at / shape[3] % shape[2], row = at / shape[3] / shape[2] % shape[1];
            values[at] = (float)((1 - Math.Abs((double)row / factor - middle)) * (1 - Math.Abs((double)column / factor - middle)));
        }
        Weight.Set(values);
    }
}
