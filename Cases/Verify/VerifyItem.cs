namespace DenseEngine.Cases;

/// <summary>A line of <c>dense verify</c>: an operation, or a part of the small detector.</summary>
/// <param name="Name">The operation's method, or what the detector does.</param>
/// <param name="Cases">What is run on the device and compared with the host.</param>
/// <param name="Time">The milliseconds of one call on a device, the shortest of several; null for what is not timed.</param>
internal sealed record VerifyItem(string Name, IReadOnlyList<VerifyCase> Cases, Func<Device, double>? Time);

/// <summary>One thing that a device does and the host does, too.</summary>
/// <param name="Name">Names it within its item.</param>
/// <param name="Run">Does it, given the device and what failures call it.</param>
internal sealed record VerifyCase(string Name, Func<Device, string, CaseResult> Run) {
    /// <summary>A case whose results are the tensors that a function gives on any device: what a second run of it gives must be the same
    /// bits.</summary>
    /// <param name="name">Names it.</param>
    /// <param name="run">Gives the results, on the host.</param>
    /// <param name="compare">How close results are to the host's, given also what failures call it.</param>
    public static VerifyCase Of(string name, Func<Device, Tensor[]> run, Func<string, Tensor[], Tensor[], Closeness> compare) =>
        new(name, (device, what) => {
            Tensor[] expected = run(HostDevice.Default), actual = run(device), again = run(device);
            try {
                return new(compare(what, expected, actual), SameBits(actual, again));
            } finally {
                foreach (Tensor tensor in (IEnumerable<Tensor>)[.. expected, .. actual, .. again]) tensor.Dispose();
            }
        });

    private static bool SameBits(Tensor[] first, Tensor[] second) => first.Length == second.Length && first.Zip(second).All(pair =>
        pair.First.Shape == pair.Second.Shape && pair.First.DType == pair.Second.DType && (pair.First.DType == DType.Int32
            ? pair.First.ToIntArray().AsSpan().SequenceEqual(pair.Second.ToIntArray())
            : pair.First.ToArray().Select(BitConverter.SingleToInt32Bits)
                .SequenceEqual(pair.Second.ToArray().Select(BitConverter.SingleToInt32Bits))));
}

/// <summary>What a case gave.</summary>
/// <param name="Close">How close to the host.</param>
/// <param name="SameBits">Whether a second run gave the same bits.</param>
internal readonly record struct CaseResult(Closeness Close, bool SameBits);
