using System.Text.Json;
using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;
using static System.Globalization.CultureInfo;

namespace DenseEngine.Tests;

/// <summary>Calls the parts of heat maps as the unit fixtures' cases say.</summary>
internal static class HeatMapUnits {
    public static Outputs Kernel(FixtureCase c) {
        int radius = c.Int("radius"), size = 2 * radius + 1;
        return new(("kernel", Tensor.From(HeatMap.Kernel(radius, c.Attribute("sigma").GetDouble()), [size, size])));
    }

    public static Outputs Radius(FixtureCase c) {
        float[][] rows = [.. c.Leaf("height_width_min_overlap").ToArray().Chunk(3)];
        // The overlaps are written with one digit each, which single precision does not hold.
        (float Height, float Width, double Overlap)[] boxes =
            [.. rows.Select(row => (row[0], row[1], double.Parse(row[2].ToString(InvariantCulture), InvariantCulture)))];
        double[] radii = [.. boxes.Select(box => GaussianRadius.Of(box.Height, box.Width, box.Overlap))];
        float[] singles = [.. boxes.Select(box => GaussianRadius.OfSingles(box.Height, box.Width, box.Overlap))];
        return new(
            ("r1_r2_r3", Tensor.From([.. boxes.SelectMany(box => {
                (double same, double inwards, double outwards) = GaussianRadius.Cases(box.Height, box.Width, box.Overlap);
                return new[] { (float)same, (float)inwards, (float)outwards };
            })], [boxes.Length, 3])),
            ("radius", Floats(radii.Select(radius => (float)radius))),
            ("radius_int", Tensor.From([.. radii.Select(GaussianRadius.Whole)], [radii.Length])),
            ("radius_float32_path", Floats(singles)),
            ("radius_int_float32_path", Tensor.From([.. singles.Select(radius => GaussianRadius.Whole(radius))], [singles.Length])),
            ("official_cornernet_r1", Floats(boxes.Select(box =>
                (float)GaussianRadius.OfficialCases(box.Height, box.Width, box.Overlap).Same))));
    }

    public static Outputs Target(FixtureCase c) {
        (int height, int width) = (c.Int("height"), c.Int("width"));
        float[] values = new float[height * width];
        var steps = new List<float>();
        foreach (JsonElement step in c.Attribute("sequence").EnumerateArray()) {
            new HeatMap(values, height, width, 1).Draw(0, step[0].GetInt32(), step[1].GetInt32(), step[2].GetInt32(), step[3].GetSingle());
            steps.AddRange(values);
        }
        return new(("heatmap", Tensor.From(values, [height, width])),
            ("steps", Tensor.From([.. steps], [steps.Count / values.Length, height, width])));
    }

    public static Outputs Peaks(FixtureCase c) {
        Tensor heat = c.Nhwc("heat");
        int k = c.Int("k"), size = c.Int("kernel"), pictures = heat.Shape[0], width = heat.Shape[2];
        HeatPeaks peaks = Op.Peaks(heat, k, size);
        float[][] rows = [.. peaks.Rows.ToArray().Chunk(6)];
        int[] labels = peaks.Labels.ToIntArray();
        float[] scores = peaks.Scores.ToArray();
        Assert.Equal(scores, peaks.At(heat).ToArray().Chunk(heat.Shape[3]).Select((values, i) => values[labels[i]]));
        Assert.Equal(scores.Zip(labels, (score, label) => (score, (float)label)), rows.Select(row => (row[4], row[5])));
        Assert.Equal(peaks.Cells.ToIntArray(), rows.Select((row, i) => (i / k * heat.Shape[1] + (int)row[3]) * width + (int)row[2]));
        return new(("local_maximum", FixtureCase.Nchw(Op.LocalMaxima(heat, size))), ("scores", Tensor.From(scores, [pictures, k])),
            ("classes", Whole(labels)), ("ys", Whole([.. rows.Select(row => (int)row[1])])),
            ("xs", Tensor.From([.. rows.Select(row => row[0])], [pictures, k])),
            ("inds", Whole([.. rows.Select(row => (int)(row[1] * width + row[0]))])));
        Tensor Whole(int[] values) => Tensor.From(values, [pictures, k]);
    }

    /// <summary>The gradients are those of both terms' sum; the cases give none for the outputs.</summary>
    public static Outputs Embeddings(FixtureCase c) {
        CornerCells[][] objects = [.. c.Attribute("match").EnumerateArray().Select(picture => picture.EnumerateArray()
            .Select(pair => new CornerCells(pair[0][0].GetInt32(), pair[0][1].GetInt32(), pair[1][0].GetInt32(), pair[1][1].GetInt32()))
            .ToArray())];
        var loss = new AssociativeEmbeddingLoss(c.Float("pull_weight"), c.Float("push_weight"));
        (Tensor pull, Tensor push) = loss.Apply(c.Nhwc("tl"), c.Nhwc("br"), objects);
        (pull + push).Backward(keepGraph: true);
        return new(("pull", pull), ("push", push));
    }

    private static Tensor Floats(IEnumerable<float> values) {
        float[] all = [.. values];
        return Tensor.From(all, [all.Length]);
    }
}
