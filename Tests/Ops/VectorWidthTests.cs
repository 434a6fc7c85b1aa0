using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>The operations with wider vectors switched off: that must be said before a process starts, hence in child processes.</summary>
public class VectorWidthTests {
    private static int Widest => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256
        : Vector128.IsHardwareAccelerated ? 128 : 0;

    [Theory]
    [InlineData(256, "EnableAVX512")]
    [InlineData(128, "EnableAVX512", "EnableAVX2")]
    [InlineData(0, "EnableHWIntrinsic")]
    public void Operations_hold_with_narrower_vectors(int bits, params string[] switches) {
        ProcessStartInfo start = Started.Program(typeof(VectorWidthTests), bits.ToString(CultureInfo.InvariantCulture));
        start.RedirectStandardError = true;
        foreach (string name in switches) start.Environment["DOTNET_" + name] = "0";
        using Process child = Process.Start(start)!;
        string errors = child.StandardError.ReadToEnd();
        child.WaitForExit();
        Assert.True(child.ExitCode == 0, errors);
        Assert.Contains($"{OpFixtures.Cases.Count} cases with vectors of {Math.Min(bits, Widest)} bits, 0 failed", errors,
            StringComparison.Ordinal);
    }
}
