namespace DenseEngine.Cases;

/// <summary>How a device did at an item.</summary>
internal enum Verdict {
    /// <summary>Within the bounds, with the same bits in both runs.</summary>
    Agrees,

    /// <summary>Beyond a bound.</summary>
    Differs,

    /// <summary>Within the bounds, but two runs gave different bits.</summary>
    Varies,

    /// <summary>A kernel did not compile, or the device reported an error.</summary>
    Fails,
}

/// <summary>What was found of an item.</summary>
/// <param name="Name">The item's.</param>
/// <param name="Cases">How many were run.</param>
/// <param name="Share">The largest error as a share of what is allowed.</param>
/// <param name="Verdict">What that means.</param>
/// <param name="Message">What is wrong; null if nothing is.</param>
/// <param name="DeviceTime">Milliseconds of a call on the device, if it was timed.</param>
/// <param name="HostTime">The same on the host.</param>
internal sealed record ItemResult(string Name, int Cases, double Share, Verdict Verdict, string? Message, double? DeviceTime,
    double? HostTime);
