namespace DenseEngine.Models;

/// <summary>What the terms of <see cref="AssociativeEmbeddingLoss"/> are divided by, for n objects in a picture.</summary>
public enum EmbeddingNorm {
    /// <summary>n, and n·(n - 1) pairs of different objects, as in mmdetection; with one object nothing is pushed.</summary>
    Exact,

    /// <summary>n + 1e-4, and n·(n - 1) + 1e-4 of all pairs, each less 1 / (n + 1e-4) for those of an object with itself, as in the simple
    /// PyTorch CornerNet; also, the mean over the stacks is taken, not the sum. One object alone is pushed by a constant.</summary>
    Padded,
}
