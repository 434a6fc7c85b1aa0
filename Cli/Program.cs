using System.CommandLine;
using DenseEngine;
using DenseEngine.Cli;

using var interrupt = new Interrupt();
var root = new RootCommand("DenseEngine: trains, evaluates and runs dense object detectors.") {
    DemoCommand.Create(),
    TrainCommand.Create(),
    EvalCommand.Create(),
    DetectCommand.Create(),
    InfoCommand.Create(),
    VerifyCommand.Create(),
    ConvertCommand.Create(),
    AnalyzeCommand.Create(),
};
try {
    ParseResult parsed = root.Parse(args.Length > 0 ? args : ["--help"]);
    if (parsed.Errors.Count > 0) return Terminal.Refuse(parsed.UnmatchedTokens.Count > 0
        ? $"'{parsed.UnmatchedTokens[0]}' is no command or option; --help lists them." : parsed.Errors[0].Message);
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
        interrupt.Token);
} catch (OperationCanceledException) {
    return Interrupt.ExitCode;
} catch (Exception e) when (e is DenseEngineException or IOException or UnauthorizedAccessException) {
    return Terminal.Refuse(e.Message);
}
