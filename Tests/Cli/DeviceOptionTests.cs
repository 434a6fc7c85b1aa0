using DenseEngine.Training;
using Xunit;

namespace DenseEngine.Tests;

/// <summary><c>--device</c> of the commands that compute.</summary>
public sealed class DeviceOptionTests : IDisposable {
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("demo", "--out", "OUT")]
    [InlineData("train", "--annotations", "SET", "--config", "gfl/gfl_r18_demo", "--out", "OUT")]
    [InlineData("eval", "--annotations", "SET", "--checkpoint", "none.pth")]
    [InlineData("detect", "none.png", "--checkpoint", "none.pth")]
    public void A_wrong_name_is_refused_in_one_line(params string[] arguments) {
        CommandRun run = DenseProcess.Run([.. Filled(arguments), "--device", "cuda:77"]);
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.StartsWith($"dense: There is no device 'cuda:77'; there are host, {GpuDevice.Names()[0]}", run.ErrorLines[^1],
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder["out"], "detections")));
    }

    /// <summary>Ctrl-C waits for the step in flight, and says how to go on.</summary>
    [Fact]
    public void Training_on_a_device_ends_on_ctrl_c() {
        string[] train = [.. Filled(["train", "--annotations", "SET", "--config", "gfl/gfl_r18_demo", "--out", "OUT", "--epochs", "2",
            "--batch-size", "1", "--device", GpuDevice.Names()[^1]])];
        using DenseProcess process = DenseProcess.Start(train);
        while (!process.HasEnded && !Directory.Exists(folder["out"])) Thread.Sleep(5);
        process.Interrupt();
        CommandRun run = process.End();
        Assert.True(run.Code == 130, run.Errors);
        Assert.Contains("--resume goes on from ", run.ErrorLines[^1], StringComparison.Ordinal);
    }

    private IEnumerable<string> Filled(string[] arguments) {
        DemoSet.Write(folder["set"], "train", 1, seed: 5);
        return arguments.Select(argument => argument switch {
            "SET" => Path.Combine(folder["set"], "train.json"),
            "OUT" => folder["out"],
            _ => argument,
        });
    }
}
