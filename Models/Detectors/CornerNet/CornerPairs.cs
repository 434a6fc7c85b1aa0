using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Puts corners together to boxes: each of a picture's best upper left corners with each of its best lower right ones.</summary>
/// <param name="config">How many corners, and which pairs count.</param>
/// <param name="output">The maps of the last stack.</param>
internal sealed class CornerPairs(CornerNetConfig config, CornerOutput output) {
    private readonly Corners topLeft = new(config, output.TopLeft), bottomRight = new(config, output.BottomRight);

    /// <summary>A picture's boxes in its network's pixels, best first: those whose corners are of one class, lie in the right order and
    /// have like embeddings.</summary>
    /// <param name="picture">Its number in the batch.</param>
    /// <param name="image">Its place.</param>
    public List<Detection> Of(int picture, ImageInfo image) {
        int count = topLeft.Peaks.Count;
        Corner[] firsts = topLeft.Of(picture, image), seconds = bottomRight.Of(picture, image);
        var found = new List<Detection>();
        foreach (Corner first in firsts) {
            foreach (Corner second in seconds) {
                if (first.Label != second.Label || !InOrder(first.X, second.X) || !InOrder(first.Y, second.Y)
                    || MathF.Abs(first.Embedding - second.Embedding) > config.DistanceThreshold) continue;
                float score = (first.Score + second.Score) / 2;
                if (score > config.Test.ScoreThreshold)
                    found.Add(new Detection(new Box(first.X, first.Y, second.X, second.Y), score, first.Label));
            }
        }
        return [.. found.OrderByDescending(pair => pair.Score).Take(Math.Min(config.Test.BeforeNms, count * count))];
    }

    private bool InOrder(float first, float second) => second > first || config.OfficialBoxes && second == first;

    private readonly record struct Corner(float X, float Y, float Score, int Label, float Embedding);

    /// <summary>The best corners of a kind.</summary>
    private sealed class Corners {
        private readonly int[] rows, columns;
        private readonly float[] offsets, embeddings;
        private readonly int height, width;
        private readonly bool cuts;

        public Corners(CornerNetConfig config, CornerMaps maps) {
            using var scope = new TensorScope();
            Peaks = HeatMapPeaks.Find(Op.Sigmoid(maps.Heat), config.TopK, config.LocalMaximumKernel);
            cuts = !config.OfficialBoxes;   // whose boxes are cut when they are whole
            (rows, columns, height, width) = (Peaks.Rows, Peaks.Columns, maps.Heat.Shape[1], maps.Heat.Shape[2]);
            (offsets, embeddings) = (Peaks.Read(maps.Offsets), Peaks.Read(maps.Embeddings));
        }

        public HeatMapPeaks Peaks { get; }

        /// <summary>A picture's, in pixels without the border before it, and not beyond the picture's left and upper edge.</summary>
        public Corner[] Of(int picture, ImageInfo image) {
            float across = (float)((double)image.PaddedWidth / width), down = (float)((double)image.PaddedHeight / height);
            return [.. Enumerable.Range(picture * Peaks.Count, Peaks.Count).Select(i => new Corner(
                Inside((columns[i] + offsets[2 * i]) * across - image.Left), Inside((rows[i] + offsets[2 * i + 1]) * down - image.Top),
                Peaks.Scores[i], Peaks.Labels[i], embeddings[i]))];
        }

        private float Inside(float place) => place > 0 || !cuts ? place : 0;
    }
}
