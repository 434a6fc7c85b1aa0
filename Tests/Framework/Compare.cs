using System.Collections.Concurrent;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Compares tensors with what is expected, and remembers the largest error of each group as a share of what is allowed.</summary>
internal static class Compare {
    public static ConcurrentDictionary<string, double> LargestShare { get; } = new();

    /// <summary>Fails unless each element is within absolute + relative·|expected|, NaN meets NaN and infinities agree;
    /// integers are equal.</summary>
    public static void Close(string group, string what, Tensor expected, Tensor actual, double absolute, double relative) =>
        Close(group, Closeness.Of(what, expected, actual, absolute, relative));

    /// <summary>Fails unless what was compared was close.</summary>
    public static void Close(string group, Closeness close) {
        Assert.True(close.Failure is null, close.Failure);
        LargestShare.AddOrUpdate(group, close.Share, (_, before) => Math.Max(before, close.Share));
    }

    /// <summary>Fails unless two tensors have the same bits.</summary>
    public static void SameBits(string what, Tensor expected, Tensor actual) {
        Assert.True(expected.Shape == actual.Shape, $"{what}: shape {actual.Shape}, expected {expected.Shape}");
        if (expected.DType == DType.Int32) Assert.Equal(expected.ToIntArray(), actual.ToIntArray());
        else Assert.Equal(expected.ToArray().Select(BitConverter.SingleToInt32Bits),
            actual.ToArray().Select(BitConverter.SingleToInt32Bits));
    }
}
