using System.Runtime.Intrinsics;

namespace DenseEngine.Tests;

/// <summary>What a bundle's test program and child processes run.</summary>
internal static class Program {
    /// <summary>With a number: the operations' cases (<see cref="Narrow"/>); else the tests (<see cref="TestRunner.Run"/>).</summary>
    private static int Main(string[] arguments) =>
        arguments is [string wanted] && int.TryParse(wanted, out int allowed) ? Narrow(allowed)
            : TestRunner.Run(arguments, Console.WriteLine);

    /// <summary>Every operation's fixture cases, on a machine whose wider vectors are switched off: at most so many bits (0, 128, 256,
    /// 512). Prints what fails; returns the number of failures.</summary>
    private static int Narrow(int allowed) {
        int widest =
            Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;
        if (widest > allowed) {
            Console.Error.WriteLine($"vectors of {widest} bits are on; at most {allowed} were wanted");
            return 3;
        }
        int failed = 0;
        foreach (string name in OpFixtures.Cases) {
            try {
                OpFixtures.Run(name, HostDevice.Default);
            } catch (Exception e) {
                Console.Error.WriteLine($"{name}: {e.Message}");
                failed++;
            }
        }
        Console.Error.WriteLine($"{OpFixtures.Cases.Count} cases with vectors of {widest} bits, {failed} failed");
        return Math.Min(failed, 100);
    }
}
