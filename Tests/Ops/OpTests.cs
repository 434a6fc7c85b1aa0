using System.Reflection;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>The checks that every row of <see cref="OpCases"/> gets.</summary>
public class OpTests {
    public static TheoryData<string, string> FixtureCases => GpuCase.Everywhere(OpFixtures.Cases);

    public static TheoryData<string> SampleNames => [.. SampleRun.Names];

    public static TheoryData<string> Methods => [.. OpCases.Rows.Keys];

    [Theory]
    [MemberData(nameof(FixtureCases))]
    public void Fixture_holds(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        OpFixtures.Run(name, (Device?)gpu ?? HostDevice.Default);
    }

    [Theory]
    [MemberData(nameof(SampleNames))]
    public void Gradient_matches_the_directional_difference(string name) {
        Sample sample = SampleRun.Find(name);
        if (!sample.Differentiable) return;
        string? failure = DirectionalCheck.Failure(sample.Call,
            random => [.. sample.Inputs.Select(draw => draw(random, HostDevice.Default))], sample.Step);
        Assert.True(failure is null, failure);
    }

    [Theory]
    [MemberData(nameof(SampleNames))]
    public void Bits_do_not_depend_on_threads_or_run(string name) {
        Sample sample = SampleRun.Find(name);
        Tensor[]? first = null;
        foreach (int threads in (int[])[1, 1, 2, 3]) {
            using var device = new HostDevice(threads);
            Tensor[] results = SampleRun.OutputAndGradients(sample, device);
            for (int i = 0; first is not null && i < results.Length; i++)
                Compare.SameBits($"{name} with {threads} threads, tensor {i}", first[i], results[i]);
            first ??= results;
        }
    }

    /// <summary>On each device there is, the checking one at least, in either order of threads and with two sizes of warps.</summary>
    [Theory]
    [MemberData(nameof(SampleNames))]
    public void Kernels_agree_with_the_host(string name) {
        foreach (GpuCase place in GpuCase.BothOrders) {
            if (!place.Takes(SampleRun.Numbers(name))) continue;
            using GpuDevice gpu = place.Open();
            Compare.Close("kernels", SampleRun.Against(name, gpu, place.ToString()));
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Bad_arguments_are_refused_by_name(string method) {
        foreach ((Action call, string message) in OpCases.Rows[method].Errors) {
            using var scope = new TensorScope();
            Assert.Contains(message, Assert.Throws<ShapeException>(call).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_operation_has_its_row_and_every_row_says_something() {
        string[] methods =
            [.. typeof(Op).GetMethods(BindingFlags.Static | BindingFlags.Public).Select(method => method.Name).Distinct().Order()];
        Assert.Equal(methods, OpCases.Rows.Keys.Order());
        foreach (OpRow row in OpCases.Rows.Values) {
            Assert.True(row.Fixture is null == row.Run is null, $"{row.Method}: a fixture needs a run, and the other way round");
            Assert.True(row.Samples.Count > 0, $"{row.Method}: no sample");
            Assert.True(row.Errors.Count > 0, $"{row.Method}: no error");
            Assert.True(row.NoGradient is not null || row.Samples.Any(sample => sample.Differentiable),
                $"{row.Method}: no sample checks its gradient");
        }
    }

    /// <summary>The check itself: a gradient one hundredth too large must not pass.</summary>
    [Fact]
    public void The_directional_check_catches_a_term_scaled_by_a_hundredth() {
        static Tensor Wrong(Tensor[] t) {
            Tensor y;
            using (new NoGrad()) y = Op.Mul(t[0], t[1]);
            return Tape.Record(y, [t[0], t[1]], [t[0], t[1]], (dy, saved) =>
                [Op.Mul(dy, saved[1]), Op.Affine(Op.Mul(dy, saved[0]), 1.01f, 0)]);
        }
        Tensor[] Draw(Philox random) => [Draws.Normal(5, 7)(random, HostDevice.Default), Draws.Normal(5, 7)(random, HostDevice.Default)];
        Assert.Null(DirectionalCheck.Failure(t => Op.Mul(t[0], t[1]), Draw, 1e-2));
        Assert.StartsWith("input 1", DirectionalCheck.Failure(Wrong, Draw, 1e-2));
    }

    /// <summary>The same of a term that is the same for a whole row, and small for results weighed evenly to both sides.</summary>
    [Fact]
    public void The_directional_check_catches_a_mean_scaled_by_a_hundredth() {
        static Tensor Centred(Tensor x, float share) {
            Tensor y;
            using (new NoGrad()) y = Op.Sub(x, Op.Mean(x, [1], true));
            return Tape.Record(y, [x], [], (dy, _) => [Op.Sub(dy, Op.Affine(Op.Mean(dy, [1], true), share, 0))]);
        }
        Tensor[] Draw(Philox random) => [Draws.Normal(4, 60)(random, HostDevice.Default)];
        Assert.Null(DirectionalCheck.Failure(t => Centred(t[0], 1), Draw, 1e-2));
        Assert.StartsWith("input 0", DirectionalCheck.Failure(t => Centred(t[0], 1.01f), Draw, 1e-2));
    }
}
