using System.Globalization;
using DenseEngine.Models;

namespace DenseEngine.Cases;

/// <summary>The small detector as items of <c>dense verify</c>, with the bounds that tests hold detectors to: outputs within a
/// ten-thousandth of a map's largest, losses within a ten-thousandth, each parameter's gradient within a thousandth of its norm, boxes
/// within 0.05 pixels, the losses of training steps within a thousandth.</summary>
internal static class DetectorItems {
    private const int Steps = 4;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<VerifyItem> All { get; } = [
        Item("Detector: outputs", false, detector => detector.Outputs(), Maps),
        Item("Detector: losses", true, detector => detector.Losses(), Losses),
        Item("Detector: gradients", true, detector => detector.Gradients(), Gradients),
        new("Detector: detections", [new("pictures", Detections)], device => Time(device, false, detector => detector.Detect())),
        Item("Detector: training", true, detector => [detector.Train(Steps)], Losses),
    ];

    private static VerifyItem Item(string name, bool training, Func<SmallDetector, Tensor[]> run,
        Func<string, Tensor[], Tensor[], Closeness> compare) => new(name, [VerifyCase.Of("pictures", device => {
            using var detector = new SmallDetector(device, training);
            return run(detector);
        }, compare)], device => Time(device, training, detector => {
            foreach (Tensor tensor in run(detector)) tensor.Dispose();
        }));

    private static double Time(Device device, bool training, Action<SmallDetector> run) {
        using var detector = new SmallDetector(device, training);
        return Clock.Shortest(device, () => {
            using var scope = new TensorScope();
            run(detector);
        });
    }

    private static Closeness Maps(string what, Tensor[] expected, Tensor[] actual) => expected.Zip(actual).Select((pair, i) =>
        Closeness.Of($"{what}, level {i / 2}, {(i % 2 == 0 ? "scores" : "boxes")}", pair.First, pair.Second,
            1e-4 * pair.First.ToArray().Max(Math.Abs), 0)).Aggregate((all, each) => all.And(each));

    private static Closeness Losses(string what, Tensor[] expected, Tensor[] actual) => expected.Zip(actual).Select((pair, i) =>
        Closeness.Of($"{what}, term {i}", pair.First, pair.Second, 0, expected.Length == 1 ? 1e-3 : 1e-4))
        .Aggregate((all, each) => all.And(each));

    private static Closeness Gradients(string what, Tensor[] expected, Tensor[] actual) {
        double largest = expected.Max(tensor => Norm(tensor.ToArray()));
        var all = new Closeness();
        foreach ((Tensor wanted, Tensor got) in expected.Zip(actual)) {
            float[] values = wanted.ToArray();
            double error = Norm([.. values.Zip(got.ToArray(), (a, b) => a - b)]), allowed = 1e-3 * Norm(values) + 1e-6 * largest;
            all = all.And(new(error / allowed, error <= allowed ? null : string.Create(CultureInfo.InvariantCulture,
                $"{what}, {wanted.Name}: an error of {error:g3} exceeds {allowed:g3}")));
        }
        return all;
    }

    private static CaseResult Detections(Device device, string what) {
        using SmallDetector here = new(HostDevice.Default, false), there = new(device, false);
        IReadOnlyList<Detections> expected = here.Detect(), actual = there.Detect(), again = there.Detect();
        var close = expected.Zip(actual).Select((pair, i) => DetectionMatch.Of($"{what} {i}", [.. pair.First], pair.Second))
            .Aggregate((all, each) => all.And(each));
        return new(close, actual.Zip(again).All(pair => pair.First.SequenceEqual(pair.Second)));
    }

    private static double Norm(float[] values) => Math.Sqrt(values.Sum(value => (double)value * value));
}
