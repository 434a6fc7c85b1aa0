using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace DenseEngine.Tests;

/// <summary>Runs the tests in this process, where there is no SDK and hence no <c>dotnet test</c> (eng/bundle.sh).</summary>
internal sealed class TestRunner(Action<string> say) : Xunit.LongLivedMarshalByRefObject, IMessageSink {
    private readonly Stopwatch since = Stopwatch.StartNew();
    private readonly List<ITestCase> found = [];
    private TaskCompletionSource ended = new();
    private int passed, failed, skipped;
    private long told;

    /// <summary>Runs the tests whose full names have one of the parts in them, and none of those that begin with '!'; all, without
    /// parts. Says what fails, and at last <c>N passed, N failed</c>.</summary>
    /// <returns>0 if tests ran and none failed, else 1.</returns>
    public static int Run(string[] parts, Action<string> say) => new TestRunner(say).RunAll(parts);

    private int RunAll(string[] parts) {
        Assembly assembly = typeof(TestRunner).Assembly;
        using var framework = new ErrorReport(this);
        var options = new Options();
        using (ITestFrameworkDiscoverer discoverer = framework.GetDiscoverer(Reflector.Wrap(assembly))) {
            discoverer.Find(false, this, options);
            ended.Task.Wait();
        }
        string[] wanted = [.. parts.Where(part => !part.StartsWith('!'))], unwanted = [.. parts.Where(part => part.StartsWith('!'))];
        ITestCase[] chosen = [.. found.Where(test => (wanted.Length == 0 || Array.Exists(wanted, part => Has(test, part)))
            && !Array.Exists(unwanted, part => Has(test, part[1..])))];
        if (chosen.Length > 0) {
            ended = new TaskCompletionSource();
            using ITestFrameworkExecutor executor = framework.GetExecutor(assembly.GetName());
            executor.RunTests(chosen, this, options);
            ended.Task.Wait();
        }
        if (chosen.Length == 0) say($"of {found.Count} tests none is meant by '{string.Join("', '", parts)}'");
        if (skipped > 0) say($"{skipped} skipped: this machine lacks what they need");
        say($"{passed} passed, {failed} failed");
        return passed > 0 && failed == 0 ? 0 : 1;
    }

    /// <inheritdoc/>
    public bool OnMessage(IMessageSinkMessage message) {
        switch (message) {
            case ITestCaseDiscoveryMessage one: found.Add(one.TestCase); break;
            case IDiscoveryCompleteMessage or ITestAssemblyFinished: ended.SetResult(); break;
            case ITestPassed: Interlocked.Increment(ref passed); break;
            case ITestSkipped: Interlocked.Increment(ref skipped); break;
            case ITestFailed test: Fail(test.Test.DisplayName, test); break;
            case IErrorMessage error: Fail("outside the tests", error); break;
            // What disposing of a class or collection throws fails no test by itself.
            case ITestCleanupFailure or ITestClassCleanupFailure or ITestCollectionCleanupFailure or ITestAssemblyCleanupFailure:
                Fail("cleaning up", (IFailureInformation)message);
                break;
        }
        long seconds = (long)since.Elapsed.TotalSeconds, last = Interlocked.Read(ref told);
        if (seconds >= last + 15 && Interlocked.CompareExchange(ref told, seconds, last) == last)
            say($"  {seconds} s: {passed} passed, {failed} failed so far");
        return true;
    }

    private static bool Has(ITestCase test, string part) =>
        $"{test.TestMethod.TestClass.Class.Name}.{test.TestMethod.Method.Name} {test.DisplayName}".Contains(part, StringComparison.Ordinal);

    private void Fail(string name, IFailureInformation what) {
        Interlocked.Increment(ref failed);
        say(string.Create(CultureInfo.InvariantCulture,
            $"FAILED {name}\n  {string.Join("\n  ", what.Messages)}\n{string.Join('\n', what.StackTraces)}"));
    }

    /// <summary>Every option as xunit has it by default.</summary>
    private sealed class Options : ITestFrameworkDiscoveryOptions, ITestFrameworkExecutionOptions {
        public TValue GetValue<TValue>(string name) => default!;

        public void SetValue<TValue>(string name, TValue value) { }
    }
}
