using Xunit;

namespace DenseEngine.Tests;

/// <summary>Runs operations' fixture cases by their rows.</summary>
internal static class OpFixtures {
    /// <summary>All cases of the group "ops".</summary>
    public static IReadOnlyList<string> Cases { get; } = FixtureFile.Cases("ops");

    /// <summary>Runs one case on a device.</summary>
    public static void Run(string name, Device device) {
        string op = FixtureFile.Subject(name);
        OpRow? row = OpCases.RowOf(op);
        Assert.True(row?.Run is not null, $"no row of OpCases runs the fixture '{op}'");
        FixtureFile.Run("ops", name, device, row!.Run!);
    }
}
