namespace DenseEngine.Models;

/// <summary>From a backbone's maps to the levels that heads look at.</summary>
public abstract class Neck : Module {
    /// <summary>The levels [N,h,w,C], finest first, from the backbone's maps, finest first.</summary>
    public abstract Tensor[] Forward(IReadOnlyList<Tensor> maps);
}
