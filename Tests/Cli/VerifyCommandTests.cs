using System.Text.Json;
using DenseEngine.Cli;
using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary><c>dense verify</c> as users run it, and that it can fail.</summary>
public sealed class VerifyCommandTests : IDisposable {
    private static readonly string Device = GpuDevice.Names()[^1];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_sound_device_agrees() {
        CommandRun run = DenseProcess.Run("verify", "--device", Device, "--filter", "LOGsoft", "--json", folder["new/found.json"]);
        Assert.True(run.Code == 0, run.Errors + run.Output);
        string[] lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("operation", lines[0], StringComparison.Ordinal);
        int cases = OpCases.Rows[nameof(Op.LogSoftmax)].Samples.Count;
        Assert.Matches($@"^LogSoftmax +{cases} 0\.\d{{3}} same +[\d.]+ +[\d.]+ +[\d.]+ agrees$", lines[1]);
        Assert.Equal("1 agree, 0 differ", lines[^1]);
        JsonElement json = JsonDocument.Parse(File.ReadAllBytes(folder["new/found.json"])).RootElement;
        Assert.Equal(Device, json.GetProperty("device").GetString());
        JsonElement line = Assert.Single(json.GetProperty("lines").EnumerateArray());
        Assert.Equal(("LogSoftmax", "agrees"), (line.GetProperty("name").GetString(), line.GetProperty("verdict").GetString()));
        Assert.InRange(line.GetProperty("error").GetDouble(), 0, 1);
        Assert.True(line.GetProperty("deviceMs").GetDouble() > 0 && line.GetProperty("hostMs").GetDouble() > 0);
    }

    [Fact]
    public void Fixtures_of_a_folder_are_run_too() {
        string fixtures = Path.Combine(Fixtures.Repository, "Tests", "Fixtures", "ops");
        CommandRun run = DenseProcess.Run("verify", "--device", Device, "--filter", "LogSoftmax", "--fixtures", fixtures);
        Assert.True(run.Code == 0, run.Errors + run.Output);
        int cases = OpCases.Rows[nameof(Op.LogSoftmax)].Samples.Count
            + FixtureRun.Names(Path.Combine(fixtures, "log_softmax.json")).Count;
        Assert.Contains($"LogSoftmax    {cases} ", run.Output, StringComparison.Ordinal);
    }

    /// <summary>Below single precision detections may come or go, but only a few.</summary>
    [Fact]
    public void Detections_that_only_one_side_has_are_told() {
        Detection[] ten = [.. Enumerable.Range(0, 10).Select(i => new Detection(new(20 * i, 0, 20 * i + 15, 15), 0.9f, 1))];
        var items = new DetectorItems(new Bounds(Precision.BFloat16));
        Closeness Of(Detection[] here, Detection[] there) => items.FoundAgain("x", new Detections(here), new Detections(there));
        Assert.Null(Of(ten, ten[1..]).Failure);
        Assert.Null(Of(ten[1..], ten).Failure);
        Assert.Equal("x: not found again: 2 of 10 detections", Of(ten, ten[2..]).Failure);
        Assert.Equal("x: not expected: 2 of 10 detections", Of(ten[2..], ten).Failure);
        Assert.Equal("x: not expected: 10 of 10 detections", Of([], ten).Failure);
    }

    /// <summary>A device that gives other values, one that gives other bits each time, and one that breaks: each is reported, and what
    /// comes after is run.</summary>
    [Fact]
    public void What_is_wrong_is_reported_and_the_rest_goes_on() {
        int calls = 0, opened = 0;
        OpRow[] rows = [
            Row("Forgets", x => OnDevice(x) ? Op.Exp(x.Detach()) : Op.Exp(x)),
            Row("Breaks", x => OnDevice(x) ? throw new InvalidOperationException("no such\ninstruction") : Op.Exp(x)),
            Row("Drops", x => OnDevice(x) ? Op.Exp(x) * Tensor.From([1, 1, 1, 1, 1.00003f], [5], x.Device) : Op.Exp(x)),
            Row("Sound", Op.Exp),
            Row("Wanders", x => OnDevice(x) ? Op.Affine(Op.Exp(x), 1 + 1e-7f * ++calls, 0) : Op.Exp(x)),
        ];
        using var verification = new Verification(() => {
            opened++;
            return GpuDevice.Open(Device);
        });
        DeviceDescription description = GpuDevice.Describe()[^1];
        ItemResult[] results = [.. VerifyCommand.Items(rows, null, null, description).Take(rows.Length).Select(verification.Run)];
        Assert.Equal([Verdict.Fails, Verdict.Differs, Verdict.Differs, Verdict.Agrees, Verdict.Varies],
            results.Select(result => result.Verdict));
        Assert.Equal(2, opened);
        Assert.Equal("five: InvalidOperationException: no such instruction", results[0].Message);
        Assert.StartsWith("five, tensor 0: element 4 of [5] is ", results[1].Message, StringComparison.Ordinal);
        Assert.True(results[1].Share is > 1 and < 5);
        Assert.Equal("five: 1 results, expected 2", results[2].Message);
        Assert.Null(results[3].Message);
        Assert.Equal("five: a second run gave other bits", results[4].Message);
        Assert.Equal("1 agree, 4 differ", VerifyReport.Summary(results));
        Assert.Equal((1, 0), (VerifyCommand.ExitCode(results), VerifyCommand.ExitCode([results[3]])));
        Assert.Equal(["Breaks", "0", "0.000", "-", "-", "-", "-", "fails"], VerifyReport.Cells(results[0]));

        static bool OnDevice(Tensor x) => x.Device is GpuDevice;
        static OpRow Row(string name, Func<Tensor, Tensor> call) =>
            new(name) { Samples = [new("five", t => call(t[0]), Draws.Uniform(0.9f, 1, 5))] };
    }

    /// <summary>Products of rounded factors are within the bounds of that precision, and not within those of single precision.</summary>
    [Fact]
    public void A_precision_has_its_own_bounds() {
        DeviceDescription description = GpuDevice.Describe()[^1];
        foreach (Precision precision in (Precision[])[Precision.TensorFloat32, Precision.BFloat16]) {
            ItemResult[] results = [.. new[] { precision, Precision.Float32 }.Select(bounds => {
                using var verification = new Verification(() => {
                    GpuDevice gpu = GpuDevice.Open(Device);
                    gpu.Precision = precision;
                    return gpu;
                });
                OpRow row = OpCases.Rows[nameof(Op.MatMul)];
                row = row with { Samples = [.. row.Samples.Where(sample => sample.Name is "tiles_edges" or "both_transposed")] };
                return verification.Run(VerifyCommand.Items([row], null, null, description, bounds)[0]);
            })];
            Assert.Equal([Verdict.Agrees, Verdict.Differs], results.Select(result => result.Verdict));
            Assert.True(results[0].Share > 0.01);
        }
    }

    [Fact]
    public void Ctrl_c_keeps_what_is_done() {
        using DenseProcess process = DenseProcess.Start("verify", "--device", Device, "--json", folder["new/x.json"]);
        while (!process.HasEnded && !Directory.Exists(folder["new"])) Thread.Sleep(5);   // made before the work begins
        process.Interrupt();
        CommandRun run = process.End();
        Assert.True(run.Code == 130, run.Errors);
        Assert.Matches(@"^stopped; \d+ of \d+ lines are done$", run.ErrorLines[^1]);
        Assert.Equal(run.ErrorLines[^1].Split(' ')[1],
            $"{JsonDocument.Parse(File.ReadAllBytes(folder["new/x.json"])).RootElement.GetProperty("lines").GetArrayLength()}");
    }

    [Theory]
    [InlineData("There is no device 'tpu:7' to compare with the host; there are ", "--device", "tpu:7")]
    [InlineData("There is no device 'host' to compare with the host; there are ", "--device", "host")]
    [InlineData("'fftshift' is in no operation's name.", "--filter", "fftshift")]
    [InlineData("no such: there is no such folder.", "--fixtures", "no such")]
    public void Refusals_are_one_line(string message, params string[] arguments) {
        CommandRun run = DenseProcess.Run(["verify", .. arguments]);
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.StartsWith("dense: " + message, Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }
}
