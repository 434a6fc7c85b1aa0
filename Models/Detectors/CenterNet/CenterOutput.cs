namespace DenseEngine.Models;

/// <summary>What CenterNet's head predicts at every cell of its map.</summary>
/// <param name="Heat">Each class's probability that an object's centre lies here [N,h,w,C].</param>
/// <param name="Sizes">Width and height of an object here, in cells [N,h,w,2].</param>
/// <param name="Offsets">How far the centre lies to the right of the cell's number, and below, in cells [N,h,w,2].</param>
/// <param name="Properties">The maps of further properties, by their names.</param>
public sealed record CenterOutput(Tensor Heat, Tensor Sizes, Tensor Offsets, IReadOnlyDictionary<string, Tensor> Properties) {
    internal CenterOutput KeptFrom(TensorScope scope) {
        foreach (Tensor map in (Tensor[])[Heat, Sizes, Offsets, .. Properties.Values]) scope.Keep(map);
        return this;
    }
}
