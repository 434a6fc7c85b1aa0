using System.Globalization;
using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Compares what a detector gives with its original's, whatever the detector is.</summary>
internal static class DetectorComparison {
    /// <summary>A map on the host in the order of the cases' tensors.</summary>
    public static Tensor Nchw(Tensor map) => FixtureCase.Nchw(map.To(HostDevice.Default));

    /// <summary>The gradient of every parameter that trains; one that took no part has none, which is the original's zeros.</summary>
    public static void Gradients(DetectorFixture fixture) {
        string[] expected = [.. fixture.Tensors.Where(tensor => tensor.StartsWith("grad.", StringComparison.Ordinal))];
        Dictionary<string, StateTensor> state = fixture.Detector.State().ToDictionary(entry => entry.Name, entry => entry.Value);
        Assert.Equal(expected.Order(StringComparer.Ordinal), fixture.Detector.Parameters().Where(each => each.Parameter.Trains)
            .Select(each => "grad." + each.Name).Order(StringComparer.Ordinal));
        double largest = expected.Max(tensor => Norm(fixture.Read(tensor).ToArray()));
        foreach (string tensor in expected) {
            StateTensor parameter = state[tensor["grad.".Length..]];
            float[] wanted = fixture.Read(tensor).ToArray();
            Tensor? grad = parameter.Value.Grad is { } given && parameter.Layout != StateLayout.Same ? Nchw(given) : parameter.Value.Grad;
            float[] got = grad?.ToArray() ?? new float[wanted.Length];
            double error = Norm([.. wanted.Zip(got, (a, b) => a - b)]), allowed = 1e-3 * Norm(wanted) + 1e-6 * largest;
            Assert.True(error <= allowed,
                string.Create(CultureInfo.InvariantCulture, $"{tensor}: error {error:g3} of norm {Norm(wanted):g3} exceeds {allowed:g3}"));
            Compare.LargestShare.AddOrUpdate("detectors grad", error / allowed, (_, before) => Math.Max(before, error / allowed));
        }
    }

    /// <summary>Same number, labels and order; neighbours whose reference scores differ by less than 2e-5 may swap.</summary>
    public static void Same(string name, Detection[] expected, Detections found) {
        Assert.Equal(expected.Length, found.Count);
        var left = new List<Detection>(expected);
        double box = 0, score = 0;
        for (int i = 0; i < found.Count; i++) {
            int match = left.FindIndex(one => Close(one, found[i]) && left[0].Score - one.Score < 2e-5f);
            Assert.True(match >= 0, $"{name}: detection {i} is {found[i]}, expected {left[0]}");
            box = Math.Max(box, BoxError(left[match].Box, found[i].Box));
            score = Math.Max(score, Math.Abs((double)left[match].Score - found[i].Score));
            left.RemoveAt(match);
        }
        Compare.LargestShare.AddOrUpdate("detectors boxes", box / 0.05, (_, before) => Math.Max(before, box / 0.05));
        Compare.LargestShare.AddOrUpdate("detectors scores", score / 1e-4, (_, before) => Math.Max(before, score / 1e-4));
    }

    private static bool Close(Detection a, Detection b) =>
        a.Label == b.Label && Math.Abs(a.Score - b.Score) <= 1e-4f && BoxError(a.Box, b.Box) <= 0.05;

    private static double BoxError(Box a, Box b) =>
        Math.Max(Math.Max(Math.Abs(a.X1 - b.X1), Math.Abs(a.Y1 - b.Y1)), Math.Max(Math.Abs(a.X2 - b.X2), Math.Abs(a.Y2 - b.Y2)));

    private static double Norm(float[] values) => Math.Sqrt(values.Sum(value => (double)value * value));
}
