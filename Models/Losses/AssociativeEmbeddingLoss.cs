using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Draws the embeddings of an object's two corners to their mean, and the means of different objects in a picture apart, by 1 at
/// least (A. Newell et al., Associative Embedding, 2017; Law and Deng, CornerNet, 2018, equations 4 and 5). Pictures' losses are
/// summed. Every channel of an embedding counts as an object of its own.</summary>
/// <param name="PullWeight">Multiplies the first term.</param>
/// <param name="PushWeight">Multiplies the second.</param>
/// <param name="Norm">What the terms are divided by.</param>
public sealed record AssociativeEmbeddingLoss(float PullWeight = 0.25f, float PushWeight = 0.25f,
    EmbeddingNorm Norm = EmbeddingNorm.Exact) {
    private const double Spare = 1e-4;

    /// <summary>Both terms, scalars.</summary>
    /// <param name="topLeft">Embeddings [N,H,W,E].</param>
    /// <param name="bottomRight">Likewise, of the other corners.</param>
    /// <param name="objects">Each picture's objects; there may be none.</param>
    public (Tensor Pull, Tensor Push) Apply(Tensor topLeft, Tensor bottomRight, IReadOnlyList<IReadOnlyList<CornerCells>> objects) {
        using var scope = new TensorScope();
        int channels = topLeft.Shape[3], width = topLeft.Shape[2], cells = topLeft.Shape[1] * width;
        var pairs = new EmbeddingPairs();
        double rest = 0;   // what the pairs of an object with itself leave in the push
        foreach (IReadOnlyList<CornerCells> picture in objects) {
            double count = picture.Count * channels;
            bool exact = Norm == EmbeddingNorm.Exact;
            double pull = exact ? 1 / count : 1 / (count + Spare), push = 1 / (exact ? (count - 1) * count : (count - 1) * count + Spare);
            pairs.Add(picture.Count * channels, (float)pull, (float)(2 * push));
            if (!exact) rest += push * (count - count * count / (count + Spare));
        }
        int[] tops = Rows(cell => cell.Top * width + cell.Left), bottoms = Rows(cell => cell.Bottom * width + cell.Right);
        Tensor first = Values(topLeft, tops), second = Values(bottomRight, bottoms), mean = (first + second) / 2;
        Tensor fromFirst = first - mean, fromSecond = second - mean, pulls = fromFirst * fromFirst + fromSecond * fromSecond;
        Device device = topLeft.Device;
        Tensor near = Op.Relu(1 - Op.Abs(Chosen(mean, pairs.Firsts) - Chosen(mean, pairs.Seconds)));
        return (scope.Keep(Op.Sum(pulls * Tensor.From(pairs.PullWeights, [pairs.PullWeights.Length], device)) * PullWeight),
            scope.Keep((Op.Sum(near * Tensor.From(pairs.PushWeights, [pairs.PushWeights.Length], device)) + (float)rest) * PushWeight));

        int[] Rows(Func<CornerCells, int> place) =>
            [.. objects.SelectMany((picture, i) => picture.Select(corners => i * cells + place(corners)))];
    }

    private static Tensor Values(Tensor map, int[] rows) {
        int channels = map.Shape[3];
        return Op.Reshape(Op.IndexSelect(Op.Reshape(map, map.Count / channels, channels), Tensor.From(rows, [rows.Length], map.Device), 0),
            rows.Length * channels);
    }

    private static Tensor Chosen(Tensor values, int[] which) =>
        Op.IndexSelect(values, Tensor.From(which, [which.Length], values.Device), 0);
}
