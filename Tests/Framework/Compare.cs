using System.Collections.Concurrent;
using System.Globalization;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Compares tensors with what is expected, and remembers the largest error of each group as a share of what is allowed.</summary>
internal static class Compare {
    public static ConcurrentDictionary<string, double> LargestShare { get; } = new();

    /// <summary>Fails unless each element is within absolute + relative·|expected|, NaN meets NaN and infinities agree;
    /// integers are equal.</summary>
    public static void Close(string group, string what, Tensor expected, Tensor actual, double absolute, double relative) {
        Assert.True(expected.Shape == actual.Shape, $"{what}: shape {actual.Shape}, expected {expected.Shape}");
        Assert.True(expected.DType == actual.DType, $"{what}: type {actual.DType}, expected {expected.DType}");
        if (expected.DType == DType.Int32) {
            Assert.Equal(expected.ToIntArray(), actual.ToIntArray());
            return;
        }
        float[] wanted = expected.ToArray(), got = actual.ToArray();
        double worst = 0;
        for (int i = 0; i < wanted.Length; i++) {
            double allowed = absolute + relative * Math.Abs((double)wanted[i]), error = Math.Abs((double)got[i] - wanted[i]);
            bool close = wanted[i].Equals(got[i]) || (float.IsFinite(wanted[i]) && float.IsFinite(got[i]) && error <= allowed);
            Assert.True(close, string.Create(CultureInfo.InvariantCulture,
                $"{what}: element {i} of {expected.Shape} is {got[i]:R}, expected {wanted[i]:R}; the error {error:g3} exceeds "
                    + $"{allowed:g3}"));
            if (allowed > 0 && error > 0) worst = Math.Max(worst, error / allowed);
        }
        LargestShare.AddOrUpdate(group, worst, (_, before) => Math.Max(before, worst));
    }

    /// <summary>Fails unless two tensors have the same bits.</summary>
    public static void SameBits(string what, Tensor expected, Tensor actual) {
        Assert.True(expected.Shape == actual.Shape, $"{what}: shape {actual.Shape}, expected {expected.Shape}");
        if (expected.DType == DType.Int32) Assert.Equal(expected.ToIntArray(), actual.ToIntArray());
        else Assert.Equal(expected.ToArray().Select(BitConverter.SingleToInt32Bits),
            actual.ToArray().Select(BitConverter.SingleToInt32Bits));
    }
}
