using System.Globalization;
using Xunit.Abstractions;
using Xunit.Sdk;

[assembly: Xunit.TestFramework("DenseEngine.Tests.ErrorReport", "DenseEngine.Tests")]

namespace DenseEngine.Tests;

/// <summary>Writes, when all tests have run, how close each group came to its tolerances:
/// artifacts/errors.txt, which test.sh shows.</summary>
public sealed class ErrorReport : XunitTestFramework {
    public ErrorReport(IMessageSink messages) : base(messages) => DisposalTracker.Add(new Writer());

    private sealed class Writer : IDisposable {
        public void Dispose() {
            if (Compare.LargestShare.IsEmpty) return;   // tests were only listed
            string folder = Path.Combine(Fixtures.Repository, "artifacts");
            Directory.CreateDirectory(folder);
            File.WriteAllLines(Path.Combine(folder, "errors.txt"), Compare.LargestShare.OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => string.Create(CultureInfo.InvariantCulture, $"  {group.Key,-40} {group.Value:0.000}")));
        }
    }
}
