namespace DenseEngine.Models;

/// <summary>Which normalisation stands behind a convolution (mmdetection's <c>norm_cfg</c>).</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Groups">Groups of a group norm.</param>
/// <param name="Trains">Whether its weight and bias are trained (<c>requires_grad</c>).</param>
public sealed record NormConfig(NormKind Kind, int Groups = 32, bool Trains = true) {
    /// <summary>The state name of the norm in a <see cref="ConvModule"/>.</summary>
    internal string StateName => Kind == NormKind.Batch ? "bn" : "gn";

    /// <summary>A norm of that many channels.</summary>
    internal Layer Create(int channels) {
        Layer norm = Kind == NormKind.Batch ? new BatchNorm2d(channels) : new GroupNorm(Groups, channels);
        if (!Trains) norm.Freeze();
        return norm;
    }
}

/// <summary>Kinds of normalisation.</summary>
public enum NormKind {
    /// <summary><see cref="BatchNorm2d"/> ("BN").</summary>
    Batch,

    /// <summary><see cref="GroupNorm"/> ("GN").</summary>
    Group,
}
