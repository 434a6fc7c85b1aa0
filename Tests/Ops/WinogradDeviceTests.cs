using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>All samples and fixtures of convolutions with each way of computing them forced on devices, which choose by size
/// otherwise.</summary>
public sealed class WinogradDeviceTests {
    private static readonly string[] Methods = [nameof(Op.Conv2d), nameof(Op.ConvAffine), nameof(Op.ConvTranspose2d)];

    private static IEnumerable<GpuCase> Devices => GpuCase.All.Where(place => place.Name != "ilgpu-cpu");

    public static TheoryData<string, string> Samples() {
        var data = new TheoryData<string, string>();
        foreach (string name in SampleRun.Names.Where(name => Methods.Contains(name[..name.IndexOf('/')])
            && SampleRun.Find(name).Asks is null))   // those ask for themselves
            foreach (GpuCase place in Devices) data.Add(name, place.ToString());
        return data;
    }

    [Theory, MemberData(nameof(Samples))]
    public void A_sample_agrees_either_way(string name, string place) {
        using GpuDevice gpu = GpuCase.Open(place)!;
        using (new ConvForce(ConvMethod.Product)) Compare.Close("kernels", SampleRun.Against(name, gpu, "as products"));
        using (new ConvForce(ConvMethod.Winograd)) Compare.Close("kernels", SampleRun.Against(name, gpu, "by Winograd's transforms"));
        using (new ConvForce(ConvMethod.Winograd, 1)) Compare.Close("kernels", SampleRun.Against(name, gpu, "tile by tile"));
    }

    public static TheoryData<string, string> Fixtures() {
        var data = new TheoryData<string, string>();
        foreach (string name in OpFixtures.Cases.Where(name => name.StartsWith("conv", StringComparison.Ordinal)))
            foreach (GpuCase place in Devices) data.Add(name, place.ToString());
        return data;
    }

    [Theory, MemberData(nameof(Fixtures))]
    public void A_fixture_holds(string name, string place) {
        using GpuDevice gpu = GpuCase.Open(place)!;
        using var forced = new ConvForce(ConvMethod.Winograd);
        OpFixtures.Run(name, gpu);
    }

    /// <summary>A weight is transformed once while nothing is recorded, and again when it has changed.</summary>
    [Fact]
    public void A_changed_weight_is_transformed_anew() {
        using GpuDevice gpu = GpuDevice.Open(GpuDevice.Names()[^1], PlayedGpu.FromEnvironment());
        using var forced = new ConvForce(ConvMethod.Winograd);
        using var scope = new TensorScope();
        using var still = new NoGrad();
        Tensor x = Draws.Normal(1, 6, 5, 4)(new Philox(1), gpu), weight = Draws.Normal(4, 3, 3, 4)(new Philox(2), gpu);
        float[] before = Op.Conv2d(x, weight, padding: 1).ToArray();
        Assert.Equal(before, Op.Conv2d(x, weight, padding: 1).ToArray());
        gpu.Fill(weight, 0);
        weight.MarkChanged();
        Assert.All(Op.Conv2d(x, weight, padding: 1).ToArray(), value => Assert.Equal(0, value));
    }
}
