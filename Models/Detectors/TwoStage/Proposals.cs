using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>The regions of one picture in which objects are looked for, best first.</summary>
/// <param name="Boxes">The regions, in the batch's pixels.</param>
/// <param name="Scores">How surely each holds an object.</param>
public sealed record Proposals(Box[] Boxes, float[] Scores) {
    /// <summary>Those of each picture.</summary>
    /// <param name="rows">What <see cref="RpnHead.Propose"/> gave, which is waited for.</param>
    /// <param name="pictures">How many pictures there are.</param>
    public static Proposals[] Read(Tensor rows, int pictures) =>
        [.. DetectionRows.Download(rows, pictures).Select(found =>
            new Proposals([.. found.Select(one => one.Box)], [.. found.Select(one => one.Score)]))];
}
