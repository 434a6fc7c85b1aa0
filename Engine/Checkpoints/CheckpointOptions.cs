namespace DenseEngine;

/// <summary>How strictly a file of weights is read.</summary>
public sealed record CheckpointOptions {
    /// <summary>Whether records are read in spite of wrong checksums. PyTorch never compares them and can leave them out
    /// (<c>torch.serialization.set_crc32_options(False)</c>), so a wrong one need not mean a damaged file; by default it is
    /// refused.</summary>
    public bool IgnoreChecksums { get; init; }
}
