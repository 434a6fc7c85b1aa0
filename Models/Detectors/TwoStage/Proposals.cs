using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>The regions of one picture in which objects are looked for, best first.</summary>
/// <param name="Boxes">The regions, in the batch's pixels.</param>
/// <param name="Scores">How surely each holds an object.</param>
public sealed record Proposals(Box[] Boxes, float[] Scores) {
    /// <summary>Those of each picture.</summary>
    /// <param name="rows">What <see cref="RpnHead.Propose"/> gave, which is waited for.</param>
    /// <param name="pictures">How many pictures there are.</param>
    public static Proposals[] Read(Tensor rows, int pictures) {
        const int fields = 6;
        float[] values = rows.ToArray();
        int each = values.Length / fields / pictures;
        return [.. Enumerable.Range(0, pictures).Select(picture => {
            ReadOnlySpan<float> of = values.AsSpan(picture * each * fields, each * fields);
            List<Box> boxes = [];
            List<float> scores = [];
            for (; of.Length > 0 && of[5] >= 0; of = of[fields..]) {
                boxes.Add(new Box(of[0], of[1], of[2], of[3]));
                scores.Add(of[4]);
            }
            return new Proposals([.. boxes], [.. scores]);
        })];
    }
}
