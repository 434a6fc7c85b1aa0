namespace DenseEngine.Cases;

/// <summary>Operations as items of <c>dense verify</c>: the samples of their rows, and the fixtures of a folder.</summary>
internal static class OperationItems {
    /// <summary>The item of a row.</summary>
    /// <param name="row">The operation.</param>
    /// <param name="fixtures">A folder with fixture files of the rows' names; null for none.</param>
    /// <param name="takes">Whether a sample of so many numbers is run on the device.</param>
    /// <param name="bounds">What is allowed.</param>
    /// <param name="large">Whether the row's large call is timed, else its largest sample that is run.</param>
    public static VerifyItem Of(OpRow row, string? fixtures, Func<int, bool> takes, Bounds bounds, bool large) {
        Sample[] samples = [.. row.Samples.Where(sample => takes(Numbers(sample)))];
        Sample? timed = large && row.Timed is { } own ? own : samples.MaxBy(Numbers);
        double share = bounds.Of(row);
        IEnumerable<VerifyCase> cases = samples.Select(sample => OfSample(sample, share, bounds.Gradients(row, sample)));
        return new(row.Method, [.. cases, .. Fixtures(row, fixtures, share)],
            timed is null ? null : device => Time(timed, device));
    }

    private static VerifyCase OfSample(Sample sample, double share, bool gradients) => VerifyCase.Of(sample.Name,
        device => SampleRun.OutputAndGradients(sample, device), (what, expected, actual) => gradients
            ? SampleRun.Compare(what, expected, actual, share) : SampleRun.Compare(what, expected[..1], actual[..1], share));

    private static IEnumerable<VerifyCase> Fixtures(OpRow row, string? folder, double share) =>
        from file in folder is null || row.Fixture is null ? [] : row.MoreFixtures.Prepend(row.Fixture)
        let path = Path.Combine(folder!, file + ".json")
        where File.Exists(path)
        from name in FixtureRun.Names(path)
        select new VerifyCase($"{file}/{name}", (device, what) => new(FixtureRun.Of(path, name, what, device, row.Run!, share), true));

    private static int Numbers(Sample sample) {
        using var scope = new TensorScope();
        var random = new Philox(5);
        return sample.Inputs.Sum(draw => draw(random, HostDevice.Default).Count);
    }

    /// <summary>The call, and the gradients of its inputs.</summary>
    private static double Time(Sample sample, Device device) {
        using var scope = new TensorScope();
        var random = new Philox(5);
        Tensor[] inputs = [.. sample.Inputs.Select(draw => draw(random, device))];
        foreach (Tensor input in inputs) input.RequiresGrad = input.DType == DType.Float32;
        using IDisposable? asked = sample.Asks?.Invoke();
        Tensor y = sample.Call(inputs);
        Tensor? weights = y.RequiresGrad
            ? Tensor.From([.. Enumerable.Range(0, y.Count).Select(_ => random.NextNormal())], y.Shape, device) : null;
        return Clock.Shortest(device, () => {
            using var inner = new TensorScope();
            Tensor result = sample.Call(inputs);
            if (weights is not null) result.Backward(weights);
            foreach (Tensor input in inputs) {
                input.Grad?.Dispose();
                input.Grad = null;
            }
        });
    }
}
