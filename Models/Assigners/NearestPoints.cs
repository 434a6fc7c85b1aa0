namespace DenseEngine.Models;

/// <summary>The nearest points so far, by rising distance, then number; as many as there is room for.</summary>
internal ref struct NearestPoints(Span<float> distances, Span<int> numbers) {
    /// <summary>How far a point is that must not be chosen, unless there are too few.</summary>
    public const float Far = 1e8f;

    private readonly Span<float> distances = distances;
    private readonly Span<int> numbers = numbers;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>No point whose squared distance exceeds this can be among them.</summary>
    public float Limit { get; private set; } = float.PositiveInfinity;

    /// <summary>Takes a point if it is nearer than the farthest.</summary>
    public void Offer(float distance, int number) {
        if (Count == distances.Length) {
            float last = distances[^1];
            if (!(distance < last || (distance == last && number < numbers[^1]))) return;
        } else Count++;
        int place = Count - 1;
        for (; place > 0 && (distance < distances[place - 1] || (distance == distances[place - 1] && number < numbers[place - 1])); place--)
            (distances[place], numbers[place]) = (distances[place - 1], numbers[place - 1]);
        (distances[place], numbers[place]) = (distance, number);
        float farthest = distances[Count - 1];
        if (Count == distances.Length && farthest < Far) Limit = farthest * farthest * 1.000001f + 1e-30f;
    }
}
