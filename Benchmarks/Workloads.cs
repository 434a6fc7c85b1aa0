namespace DenseEngine.Benchmarks;

/// <summary>Inputs of the benchmarks.</summary>
internal static class Workloads {
    /// <summary>Numbers between -0.5 and 0.5, the same for the same seed.</summary>
    public static Tensor Uniform(Shape shape, int seed) {
        var random = new Random(seed);
        var tensor = new Tensor(HostDevice.Default, shape);
        foreach (ref float value in tensor.Span) value = random.NextSingle() - 0.5f;
        return tensor;
    }
}
