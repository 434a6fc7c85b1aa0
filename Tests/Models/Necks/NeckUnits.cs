using DenseEngine.Models;

namespace DenseEngine.Tests;

/// <summary>Calls necks as the unit fixtures' cases say: their settings are read as those of a configuration.</summary>
internal static class NeckUnits {
    public static Outputs Balanced(FixtureCase c) {
        int levels = Enumerable.Range(0, int.MaxValue).TakeWhile(i => c.Optional($"x.{i}") is not null).Count();
        int channels = c.Leaf("x.0").Shape[1];
        BfpConfig config = LossUnits.Read(c, section => {
            section.Ignore("type");
            return MmdetNetwork.Balance(section, channels, levels);
        });
        Bfp neck = c.Load(new Bfp(config, channels, levels));
        Tensor[] balanced = neck.Forward([.. Enumerable.Range(0, levels).Select(i => c.Nhwc($"x.{i}"))]);
        return new([.. balanced.Select((level, i) => ($"y.{i}", FixtureCase.Nchw(level)))]);
    }
}
