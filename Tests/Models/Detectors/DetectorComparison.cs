using System.Globalization;
using DenseEngine.Models;
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

    /// <summary>Same number, labels and order, as <see cref="DetectionMatch"/> says.</summary>
    public static void Same(string name, Detection[] expected, Detections found) =>
        Compare.Close("detectors detections", DetectionMatch.Of(name, expected, found));

    private static double Norm(float[] values) => Math.Sqrt(values.Sum(value => (double)value * value));
}
