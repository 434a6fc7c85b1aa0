using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>What all levels' priors are to learn, as the losses that know no levels take it.</summary>
/// <param name="Rows">All levels' targets; rows are level, then picture, then cell.</param>
/// <param name="Levels">Each positive's level.</param>
/// <param name="RowFactors">Each row's level's factor, or null for 1.</param>
public sealed record BatchTargets(LevelTargets Rows, int[] Levels, float[]? RowFactors) {
    /// <summary>The number of positives.</summary>
    public int Count => Rows.Count;

    /// <summary>Each positive's distances to its object's edges, from its prior's centre: left, top, right, bottom [P·4], in
    /// pixels.</summary>
    public float[] Distances() {
        float[] distances = new float[4 * Count];
        for (int i = 0; i < Count; i++) {
            Box prior = Rows.Anchors[i];
            (distances[4 * i], distances[4 * i + 1], distances[4 * i + 2], distances[4 * i + 3]) =
                DistancePointBoxCoder.Encode((prior.X1 + prior.X2) / 2, (prior.Y1 + prior.Y2) / 2, Rows.Boxes[i]);
        }
        return distances;
    }

    /// <summary>All rows' weights times their levels' factors, or null if all are 1.</summary>
    /// <param name="weights">The weights [R], or null for 1.</param>
    /// <param name="device">Where they go.</param>
    public Tensor? OfRows(float[]? weights, Device device) => Weighted(weights, RowFactors, device);

    /// <summary>The positives' weights times their levels' factors, or null if all are 1.</summary>
    /// <param name="weights">The weights [P], or null for 1.</param>
    /// <param name="device">Where they go.</param>
    public Tensor? OfPositives(float[]? weights, Device device) =>
        Weighted(weights, RowFactors is { } factors ? [.. Rows.Positives.Select(row => factors[row])] : null, device);

    /// <summary>Levels one after another.</summary>
    internal static BatchTargets Join(IReadOnlyList<LevelTargets> levels, float[]? factors) {
        int[] starts = new int[levels.Count];
        for (int i = 1; i < starts.Length; i++) starts[i] = starts[i - 1] + levels[i - 1].Labels.Length;
        return new BatchTargets(
            new LevelTargets([.. levels.SelectMany(level => level.Labels)], [.. levels.SelectMany(level => level.LabelWeights)],
                [.. levels.SelectMany((level, i) => level.Positives.Select(row => starts[i] + row))],
                [.. levels.SelectMany(level => level.Anchors)], [.. levels.SelectMany(level => level.Boxes)]),
            [.. levels.SelectMany((level, i) => Enumerable.Repeat(i, level.Count))],
            factors is null ? null
                : [.. levels.SelectMany((level, i) => Enumerable.Repeat(factors[i], level.Labels.Length))]);
    }

    private static Tensor? Weighted(float[]? weights, float[]? factors, Device device) {
        float[]? both = weights is null || factors is null ? weights ?? factors : [.. weights.Zip(factors, (a, b) => a * b)];
        return both is null ? null : Tensor.From(both, [both.Length], device);
    }
}
