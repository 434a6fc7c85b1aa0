using System.Globalization;
using DenseEngine.Models;
using DenseEngine.Ops;

namespace DenseEngine.Cases;

/// <summary>The small detector as items of <c>dense verify</c>.</summary>
internal sealed class DetectorItems(Bounds bounds) {
    private const int Steps = 4;

    /// <summary>The overlap from which a box counts as found again, and the share that need not be, below single precision.</summary>
    private const double Overlap = 0.75, MayBeMissed = 0.15;

    /// <summary>All of them.</summary>
    public IReadOnlyList<VerifyItem> All => [
        Item("Detector: outputs", false, detector => detector.Outputs(), Maps),
        Item("Detector: losses", true, detector => detector.Losses(), Losses(bounds.Loss)),
        Item("Detector: gradients", true, detector => detector.Gradients(), Gradients),
        new("Detector: detections", [new("pictures", Detections)], device => Time(device, false, detector => detector.Detect())),
        Item("Detector: training", true, detector => [detector.Train(Steps)], Losses(bounds.Step)),
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

    private Closeness Maps(string what, Tensor[] expected, Tensor[] actual) => Closeness.OfEach(what, expected, actual, (wanted, got, i) =>
        Closeness.Of($"{what}, level {i / 2}, {(i % 2 == 0 ? "scores" : "boxes")}", wanted, got,
            bounds.Map * SampleRun.Largest(wanted), 0));

    private static Func<string, Tensor[], Tensor[], Closeness> Losses(double relative) => (what, expected, actual) =>
        Closeness.OfEach(what, expected, actual, (wanted, got, i) => Closeness.Of($"{what}, term {i}", wanted, got, 0, relative));

    private Closeness Gradients(string what, Tensor[] expected, Tensor[] actual) {
        double largest = expected.Max(tensor => Norm(tensor.ToArray()));
        return Closeness.OfEach(what, expected, actual, (wanted, got, _) => {
            float[] values = wanted.ToArray();
            double error = Norm([.. values.Zip(got.ToArray(), (a, b) => a - b)]);
            double allowed = bounds.Gradient * (Norm(values) + 1e-3 * largest);
            return new(double.IsNaN(error) ? double.PositiveInfinity : error / allowed, error <= allowed ? null
                : string.Create(CultureInfo.InvariantCulture, $"{what}, {wanted.Name}: an error of {error:g3} exceeds {allowed:g3}"));
        });
    }

    private CaseResult Detections(Device device, string what) {
        using SmallDetector here = new(HostDevice.Default, false), there = new(device, false);
        IReadOnlyList<Detections> expected = here.Detect(), actual = there.Detect(), again = there.Detect();
        var close = Closeness.OfEach(what, expected, actual, (wanted, found, i) => bounds.Single
            ? DetectionMatch.Of($"{what} {i}", [.. wanted], found) : FoundAgain($"{what} {i}", wanted, found));
        return new(close, actual.Zip(again).All(pair => pair.First.SequenceEqual(pair.Second)));
    }

    /// <summary>Below single precision a box near a threshold may come or go, and another be kept of two that overlap.</summary>
    internal Closeness FoundAgain(string what, Detections expected, Detections found) =>
        Among($"{what}: not found again", expected, found).And(Among($"{what}: not expected", found, expected));

    private Closeness Among(string what, Detections some, Detections others) {
        int missed = some.Count(one => !others.Any(other => one.Label == other.Label
            && Math.Abs((double)one.Score - other.Score) <= bounds.Score && Iou(one.Box, other.Box) >= Overlap));
        double share = missed / (MayBeMissed * Math.Max(1, some.Count));
        return new(share, share <= 1 ? null : $"{what}: {missed} of {some.Count} detections");
    }

    private static double Iou(Box a, Box b) {
        double across = Math.Min(a.X2, b.X2) - Math.Max(a.X1, b.X1), down = Math.Min(a.Y2, b.Y2) - Math.Max(a.Y1, b.Y1);
        double both = Math.Max(0, across) * Math.Max(0, down);
        return both / (Area(a) + Area(b) - both);
    }

    private static double Area(Box box) => (box.X2 - box.X1) * (box.Y2 - box.Y1);

    private static double Norm(float[] values) => Math.Sqrt(values.Sum(value => (double)value * value));
}
