namespace DenseEngine.Models;

/// <summary>What VarifocalNet's first boxes are predicted in units of (<c>bbox_norm_type</c>).</summary>
public enum BoxUnit {
    /// <summary>The upper end of the level's regress range; for the last level twice that of the one before (<c>reg_denom</c>).</summary>
    RegressRange,

    /// <summary>The level's stride (<c>stride</c>).</summary>
    Stride,
}
