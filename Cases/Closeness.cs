using System.Globalization;

namespace DenseEngine.Cases;

/// <summary>How close a tensor came to what is expected.</summary>
/// <param name="Share">The largest error, as a share of what is allowed: above 1 an element is wrong; infinite where none is close
/// (another shape, NaN against a number).</param>
/// <param name="Failure">Says what is wrong; null if nothing is.</param>
internal readonly record struct Closeness(double Share, string? Failure) {
    /// <summary>Each element must be within absolute + relative·|expected|, NaN meet NaN and infinities agree; integers must be
    /// equal.</summary>
    public static Closeness Of(string what, Tensor expected, Tensor actual, double absolute, double relative) {
        if (expected.Shape != actual.Shape) return Wrong($"{what}: shape {actual.Shape}, expected {expected.Shape}");
        if (expected.DType != actual.DType) return Wrong($"{what}: type {actual.DType}, expected {expected.DType}");
        return expected.DType == DType.Int32 ? Equal(what, expected, actual)
            : Of(what, expected.Shape, expected.ToArray(), actual.ToArray(), absolute, relative);
    }

    /// <summary>All of some pairs; as many must have come as are expected.</summary>
    public static Closeness OfEach<T>(string what, IReadOnlyList<T> expected, IReadOnlyList<T> actual, Func<T, T, int, Closeness> each) =>
        expected.Count != actual.Count ? Wrong($"{what}: {actual.Count} results, expected {expected.Count}")
        : expected.Zip(actual).Select((pair, i) => each(pair.First, pair.Second, i))
            .Aggregate(new Closeness(), (all, one) => all.And(one));

    /// <summary>The larger of two shares, and the failure that was first.</summary>
    public Closeness And(Closeness other) => new(Math.Max(Share, other.Share), Failure ?? other.Failure);

    private static Closeness Of(string what, Shape shape, float[] wanted, float[] got, double absolute, double relative) {
        double worst = 0;
        string? failure = null;
        for (int i = 0; i < wanted.Length; i++) {
            if (wanted[i].Equals(got[i])) continue;
            double allowed = absolute + relative * Math.Abs((double)wanted[i]), error = Math.Abs((double)got[i] - wanted[i]);
            double share = !float.IsFinite(wanted[i]) || !float.IsFinite(got[i]) ? double.PositiveInfinity
                : error / allowed;   // of nothing allowed: infinite
            worst = Math.Max(worst, share);
            if (share > 1) failure ??= string.Create(CultureInfo.InvariantCulture,
                $"{what}: element {i} of {shape} is {got[i]:R}, expected {wanted[i]:R}; the error {error:g3} exceeds {allowed:g3}");
        }
        return new(worst, failure);
    }

    private static Closeness Equal(string what, Tensor expected, Tensor actual) {
        int[] wanted = expected.ToIntArray(), got = actual.ToIntArray();
        for (int i = 0; i < wanted.Length; i++)
            if (wanted[i] != got[i]) return Wrong($"{what}: element {i} of {expected.Shape} is {got[i]}, expected {wanted[i]}");
        return default;
    }

    private static Closeness Wrong(string failure) => new(double.PositiveInfinity, failure);
}
