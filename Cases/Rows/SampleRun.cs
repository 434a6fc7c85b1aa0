using System.Collections.Concurrent;

namespace DenseEngine.Cases;

/// <summary>Runs the samples of <see cref="OpCases"/>.</summary>
internal static class SampleRun {
    /// <summary>The largest error allowed of a kernel in single precision, as a share of a result's largest element.</summary>
    public const double Share = 1e-5;

    private static readonly ConcurrentDictionary<string, Tensor[]> OnHost = new();

    /// <summary>All samples: <c>Method/sample</c>.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. from row in OpCases.Rows.Values from sample in row.Samples select $"{row.Method}/{sample.Name}"];

    public static Sample Find(string name) =>
        OpCases.Rows[name[..name.IndexOf('/')]].Samples.Single(sample => sample.Name == name[(name.IndexOf('/') + 1)..]);

    /// <summary>How close a device comes to what the host gives.</summary>
    public static Closeness Against(string name, Device device, string place) =>
        Compare($"{name} on {place}", Expected(name), OutputAndGradients(Find(name), device));

    /// <summary>How close results are to the host's: within a share of each tensor's largest element. Integers must be equal.</summary>
    public static Closeness Compare(string what, Tensor[] expected, Tensor[] actual, double share = Share) =>
        Closeness.OfEach(what, expected, actual, (wanted, got, i) =>
            Closeness.Of($"{what}, tensor {i}", wanted, got, share * Largest(wanted), 0));

    /// <summary>The largest error allowed of a tensor's elements in single precision.</summary>
    public static double Allowed(Tensor expected) => Share * Largest(expected);

    /// <summary>The largest finite element; of integers 0.</summary>
    public static double Largest(Tensor tensor) => tensor.DType == DType.Int32 ? 0
        : tensor.ToArray().Where(float.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max();

    /// <summary>How many numbers a sample takes and gives.</summary>
    public static int Numbers(string name) {
        using var scope = new TensorScope();
        var random = new Philox(5);
        return Find(name).Inputs.Sum(draw => draw(random, HostDevice.Default).Count) + Expected(name).Sum(result => result.Count);
    }

    /// <summary>What the host gives, kept for the next who asks.</summary>
    public static Tensor[] Expected(string name) =>
        OnHost.GetOrAdd(name, _ => OutputAndGradients(Find(name), HostDevice.Default));

    /// <summary>The result, and the gradient of each input, on the host.</summary>
    public static Tensor[] OutputAndGradients(Sample sample, Device device) {
        var gpu = device as GpuDevice;
        Precision usual = gpu?.Precision ?? Precision.Float32;
        if (sample.Precision != Precision.Float32 && gpu?.Supports(sample.Precision) == true) gpu.Precision = sample.Precision;
        try {
            return Run(sample, device);
        } finally {
            if (gpu is not null) gpu.Precision = usual;
        }
    }

    private static Tensor[] Run(Sample sample, Device device) {
        using var scope = new TensorScope();
        using IDisposable? asked = sample.Asks?.Invoke();
        var random = new Philox(5);
        Tensor[] inputs = [.. sample.Inputs.Select(draw => draw(random, device))];
        foreach (Tensor input in inputs) input.RequiresGrad = input.DType == DType.Float32;
        Tensor y = sample.Call(inputs);
        bool whole = sample.Precision != Precision.Float32;
        if (y.RequiresGrad) y.Backward(Tensor.From([.. Enumerable.Range(0, y.Count).Select(_ =>
            whole ? MathF.Round(2 * random.NextNormal()) : random.NextNormal())], y.Shape, device));
        return [.. new[] { y }.Concat(inputs.Select(input => input.Grad).OfType<Tensor>())
            .Select(result => result.To(HostDevice.Default).Persist() is var moved && moved != result ? moved : result)];
    }
}
