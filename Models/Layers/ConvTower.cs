namespace DenseEngine.Models;

/// <summary>The stack of 3×3 convolutions in front of a dense head's prediction: conv, norm, ReLU, as often as stated.</summary>
public static class ConvTower {
    /// <summary>A tower whose layers are named by their numbers.</summary>
    /// <param name="inputs">Channels of the neck.</param>
    /// <param name="channels">Channels inside and at the end.</param>
    /// <param name="depth">How many convolutions (<c>stacked_convs</c>).</param>
    /// <param name="norm">The norm behind each, or null.</param>
    /// <param name="bias">Whether the convolutions have a bias, but for deformable ones without a mask, which never have; null: if there is
    /// no norm.</param>
    /// <param name="first">The deformable convolution that stands in the first one's place, or null.</param>
    /// <param name="last">The same for the last one.</param>
    public static Sequential Create(int inputs, int channels, int depth, NormConfig? norm, bool? bias = null, DcnConfig? first = null,
        DcnConfig? last = null) => new(Enumerable.Range(0, depth).Select(i => {
            DcnConfig? dcn = (i == 0 ? first : null) ?? (i == depth - 1 ? last : null);
            return new ConvModule(i == 0 ? inputs : channels, channels, 3, padding: 1, norm: norm,
                bias: dcn is { Modulated: false } ? false : bias, dcn: dcn);
        }));
}
