namespace DenseEngine.Tests;

/// <summary>The committed table of what every kernel compiled to: <c>Ptx.tsv</c>. A build against the real ILGPU makes it anew where
/// <c>DENSE_PTX_TABLE=write</c> is set.</summary>
internal static class PtxTable {
    private static readonly string Path = System.IO.Path.Combine(Fixtures.Repository, "Tests", "Kernels", "Ptx.tsv");

    /// <summary>Whether the table is to be made anew.</summary>
    public static bool IsToBeWritten => Environment.GetEnvironmentVariable("DENSE_PTX_TABLE") == "write";

    /// <summary>The rows by kernel.</summary>
    public static Dictionary<string, PtxRow> Rows => File.ReadLines(Path).Skip(2).Select(PtxRow.Parse).ToDictionary(row => row.Kernel);

    /// <summary>The library and the day of the last time.</summary>
    public static string Origin => File.ReadLines(Path).First().TrimStart('#', ' ');

    public static void Write(string origin, IEnumerable<PtxRow> rows) =>
        File.WriteAllText(Path, string.Join('\n', [$"# {origin}", PtxRow.Header, .. rows.Select(row => row.ToString()), ""]));
}
