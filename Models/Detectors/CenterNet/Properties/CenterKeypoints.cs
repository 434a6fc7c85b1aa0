using System.Text.Json.Serialization;
using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Points of an object, joints say (Zhou et al., 2019, section 4.2): each as a step from the centre's cell, and moved to the
/// nearest maximum of a heat map of such points where there is one inside the object. Known are x and y of each in pixels of the input,
/// NaN for what is not to be seen; found are x, y and, of the heat map, the probability (0 if the step alone tells).</summary>
/// <param name="Count">How many.</param>
/// <param name="Name">Its name; the maps are it, <c>_heat</c> and <c>_offset</c>.</param>
/// <param name="LossWeight">Multiplies the steps' loss.</param>
public sealed record CenterKeypoints(int Count, string Name = "keypoints", float LossWeight = 1) : CenterProperty(Name) {
    // The official repository's: what a maximum needs, and how far it may be, in sizes of the object.
    private const float LeastScore = 0.1f, Reach = 0.3f;
    private const int Most = 100;   // maxima of each kind

    private static readonly GaussianFocalLoss HeatLoss = new();

    private string Heat => Name + "_heat";

    private string Offset => Name + "_offset";

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<CenterMap> Maps => [new(Name, 2 * Count), new(Heat, Count, Initializers.BiasFor(0.1f)), new(Offset, 2)];

    /// <inheritdoc/>
    public override IReadOnlyList<LossTerm> Losses(CenterTraining training) {
        CenterTargets targets = training.Targets;
        List<float> steps = [], offsets = [];
        List<(int, int, int)> cells = [];
        float[] heat = new float[training.Map(Heat).Count];
        foreach (CenterObject one in training.Objects) {
            float[] given = training.Given(one);
            int size = targets.Height * targets.Width * Count;
            var map = new HeatMap(heat.AsSpan(one.Picture * size, size), targets.Height, targets.Width, Count);
            for (int k = 0; k < Count; k++) {
                (float x, float y) = (given[2 * k] * targets.ScaleX, given[2 * k + 1] * targets.ScaleY);
                steps.AddRange([x - one.Column, y - one.Row]);
                if (!(x >= 0 && y >= 0 && x < targets.Width && y < targets.Height)) continue;
                (int column, int row) = ((int)x, (int)y);
                map.Draw(k, column, row, one.Radius);
                cells.Add((one.Picture, row, column));
                offsets.AddRange([x - column, y - row]);
            }
        }
        Tensor probabilities = Op.Sigmoid(training.Map(Heat)), target = training.Place(heat, probabilities.Shape);
        int peaks = Math.Max(1, heat.Count(value => value == 1));
        return [
            new($"loss_{Name}", CenterRegression.Difference(training, training.AtObjects(Name), [.. steps]) * LossWeight),
            new($"loss_{Heat}", HeatLoss.Apply(probabilities, target, null, peaks)),
            new($"loss_{Offset}", CenterRegression.Difference(training, training.AtCells(Offset, cells), [.. offsets])),
        ];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Read(CenterPeaks peaks) => [peaks.AtCenters(peaks.Map(Name)),
        .. Enumerable.Range(0, Count).Select(k => peaks.Maxima(Heat, k, Offset, Most))];

    /// <inheritdoc/>
    public override IReadOnlyList<float[]> Decode(CenterFindings found, IReadOnlyList<float[]> read) {
        CenterFindings.Maximum[][] maxima = [.. read.Skip(1).Select(found.Maxima)];
        return [.. read[0].Chunk(2 * Count).Zip(found.Centers, (steps, one) => Enumerable.Range(0, Count)
            .SelectMany(k => Point(one, one.Column + steps[2 * k], one.Row + steps[2 * k + 1], maxima[k], found)).ToArray())];
    }

    private static float[] Point(CenterFinding one, float x, float y, CenterFindings.Maximum[] maxima, CenterFindings found) {
        float reach = Reach * Math.Max(one.Width, one.Height), score = 0, best = reach * reach;
        (float fromX, float fromY) = (x, y);
        foreach (CenterFindings.Maximum each in maxima) {
            float distance = (each.X - fromX) * (each.X - fromX) + (each.Y - fromY) * (each.Y - fromY);
            bool inside = Math.Abs(each.X - one.X) <= one.Width / 2 && Math.Abs(each.Y - one.Y) <= one.Height / 2;
            if (each.Picture == one.Picture && each.Score > LeastScore && inside && distance < best)
                (best, x, y, score) = (distance, each.X, each.Y, each.Score);
        }
        (x, y) = found.ToPicture(one.Picture, x, y);
        return [x, y, score];
    }

    internal override void Validate() {
        if (Count is < 1 or > 1024) throw new ConfigException($"CenterNet: {Count} keypoints must be 1 to 1024.");
        base.Validate();
    }
}
