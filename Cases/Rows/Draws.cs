namespace DenseEngine.Cases;

/// <summary>Ways to draw inputs.</summary>
internal static class Draws {
    /// <summary>Standard normal values.</summary>
    public static Draw Normal(params int[] shape) => (random, device) => Fill(shape, device, _ => random.NextNormal());

    /// <summary>Uniform values between two bounds.</summary>
    public static Draw Uniform(float from, float until, params int[] shape) => (random, device) =>
        Fill(shape, device, _ => from + (until - from) * random.NextSingle());

    /// <summary>Normal values moved away from zero by a quarter: for functions with a kink there.</summary>
    public static Draw OffZero(params int[] shape) => (random, device) =>
        Fill(shape, device, _ => random.NextNormal() is var x && x < 0 ? x - 0.25f : x + 0.25f);

    /// <summary>Values in random order, a tenth apart: no step of the gradient check changes which is largest.</summary>
    public static Draw Distinct(params int[] shape) => (random, device) => {
        int count = new Shape(shape).Count;
        int[] order = random.Permutation(count);
        return Fill(shape, device, i => (order[i] - count / 2) * 0.1f);
    };

    /// <summary>Whole numbers from 0 to a limit (exclusive).</summary>
    public static Draw Index(int limit, params int[] shape) => (random, device) => {
        int[] values = [.. Enumerable.Range(0, new Shape(shape).Count).Select(_ => random.Next(limit))];
        return Tensor.From(values, new Shape(shape), device);
    };

    /// <summary>The same as floats.</summary>
    public static Draw Whole(int limit, params int[] shape) => (random, device) => Fill(shape, device, _ => random.Next(limit));

    /// <summary>Whole numbers from -4 to 4.</summary>
    public static Draw SmallWhole(params int[] shape) => (random, device) => Fill(shape, device, _ => random.Next(9) - 4);

    /// <summary>Uniform values from 0 to 1, of which one in five is 1: heat maps with peaks.</summary>
    public static Draw Peaks(params int[] shape) => (random, device) =>
        Fill(shape, device, _ => random.Next(5) == 0 ? 1 : random.NextSingle());

    private static Tensor Fill(int[] shape, Device device, Func<int, float> value) {
        var result = new Shape(shape);
        return Tensor.From([.. Enumerable.Range(0, result.Count).Select(value)], result, device);
    }
}
