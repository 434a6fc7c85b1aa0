namespace DenseEngine.Models;

/// <summary>All pairs of embeddings of the same picture, and the weights of embeddings and pairs; embeddings are numbered
/// through.</summary>
internal sealed class EmbeddingPairs {
    private readonly List<int> firsts = [], seconds = [];
    private readonly List<float> pullWeights = [], pushWeights = [];

    public int[] Firsts => [.. firsts];

    public int[] Seconds => [.. seconds];

    public float[] PullWeights => [.. pullWeights];

    public float[] PushWeights => [.. pushWeights];

    /// <summary>Adds a picture's embeddings.</summary>
    /// <param name="count">How many.</param>
    /// <param name="pull">The weight of each.</param>
    /// <param name="push">The weight of each pair.</param>
    public void Add(int count, float pull, float push) {
        int start = pullWeights.Count;
        for (int i = 0; i < count; i++) {
            pullWeights.Add(pull);
            for (int j = 0; j < i; j++) {
                firsts.Add(start + i);
                seconds.Add(start + j);
                pushWeights.Add(push);
            }
        }
    }
}
