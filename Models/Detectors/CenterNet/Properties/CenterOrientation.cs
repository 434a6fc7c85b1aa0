using System.Text.Json.Serialization;
using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>An angle in radians, from -π to π, by two overlapping ranges around -π/2 and π/2: for each two logits whether the angle lies
/// in it, and sine and cosine of its distance from the range's middle (Zhou et al., 2019, supplement; Mousavian et al., 2017). Known is
/// the angle.</summary>
/// <param name="Name">Its name, and its map's.</param>
/// <param name="LossWeight">Multiplies the loss.</param>
public sealed record CenterOrientation(string Name = "orientation", float LossWeight = 1) : CenterProperty(Name) {
    private const int PerRange = 4;
    private const float Middle = MathF.PI / 2, Reach = 2 * MathF.PI / 3;   // from the middle to each side

    private static readonly CrossEntropyLoss Inside = new();
    private static readonly SmoothL1Loss Turn = new();

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<CenterMap> Maps => [new(Name, 2 * PerRange)];

    /// <inheritdoc/>
    public override IReadOnlyList<LossTerm> Losses(CenterTraining training) {
        Tensor predicted = training.AtObjects(Name), sum = Op.Sum(predicted) * 0f;
        float[] angles = [.. training.Objects.Select(one => training.Given(one)[0])];
        if (angles.Length > 0) {
            for (int range = 0; range < 2; range++) {
                Tensor own = Op.Slice(predicted, 1, PerRange * range, PerRange * (range + 1));
                sum += RangeLoss(training, own, Array.ConvertAll(angles, angle => Distance(angle, range)));
            }
        }
        return [new($"loss_{Name}", sum * LossWeight)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Read(CenterPeaks peaks) => [peaks.AtCenters(peaks.Map(Name))];

    /// <inheritdoc/>
    public override IReadOnlyList<float[]> Decode(CenterFindings found, IReadOnlyList<float[]> read) =>
        [.. read[0].Chunk(2 * PerRange).Select(numbers => {
        // As the original: the range whose logit for "inside" is larger.
        int range = numbers[1] > numbers[PerRange + 1] ? 0 : 1;
        float turn = MathF.Atan2(numbers[PerRange * range + 2], numbers[PerRange * range + 3]);
        return (float[])[MathF.IEEERemainder(turn + MiddleOf(range), 2 * MathF.PI)];
    })];

    /// <summary>Whether the angles lie in a range, and, where they do, by how much they differ from its middle.</summary>
    private static Tensor RangeLoss(CenterTraining training, Tensor predicted, float[] distances) {
        int[] inside = [.. distances.Select(distance => Math.Abs(distance) < Reach ? 1 : 0)];
        Tensor labels = Tensor.From(inside, [inside.Length], predicted.Device),
            loss = Inside.Apply(Op.Slice(predicted, 1, 0, 2), labels);
        int[] rows = [.. Enumerable.Range(0, inside.Length).Where(i => inside[i] == 1)];
        if (rows.Length == 0) return loss;
        Tensor turns = Op.IndexSelect(Op.Slice(predicted, 1, 2, PerRange), Tensor.From(rows, [rows.Length], predicted.Device), 0);
        Tensor wanted = training.Place([.. rows.SelectMany(i => (float[])[MathF.Sin(distances[i]), MathF.Cos(distances[i])])], turns.Shape);
        return loss + Turn.Apply(turns, wanted) * 2f;   // sine and cosine are a term each
    }

    private static float Distance(float angle, int range) => MathF.IEEERemainder(angle - MiddleOf(range), 2 * MathF.PI);

    private static float MiddleOf(int range) => range == 0 ? -Middle : Middle;
}
