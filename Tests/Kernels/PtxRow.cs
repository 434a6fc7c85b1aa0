using System.Globalization;
using System.Text.RegularExpressions;

namespace DenseEngine.Tests;

/// <summary>What the PTX of a kernel shows. Loads and stores of 16 bytes are counted apart; those that are not of shared memory go to
/// global memory, through addresses that may say so or not.</summary>
/// <param name="Kernel">Its name.</param>
/// <param name="LocalBytes">Variables of a thread that did not fit into registers.</param>
/// <param name="Doubles">Instructions in double precision.</param>
/// <param name="Calls">Calls, and declarations, of functions that the driver would have to find.</param>
/// <param name="Vectors">Loads and stores of 16 bytes of global memory, then of shared memory.</param>
/// <param name="Singles">The narrower ones.</param>
/// <param name="Fingerprint">Of the source that was compiled.</param>
internal sealed partial record PtxRow(
    string Kernel, int LocalBytes, int Doubles, int Calls, PtxAccesses Vectors, PtxAccesses Singles, string Fingerprint) {
    public static string Header => "kernel\tlocal bytes\tf64\tcalls\t16-byte global loads\tstores\tshared loads\tstores\t"
        + "narrower global loads\tstores\tshared loads\tstores\tfingerprint";

    /// <summary>Reads the compiler's text.</summary>
    public static PtxRow Of(string kernel, string ptx, string fingerprint) {
        ILookup<(string, bool Shared, bool Wide), Match> accesses = Access().Matches(ptx).ToLookup(match =>
            (match.Groups["op"].Value, match.Groups["space"].Value == "shared",
            (match.Groups["width"].Value, match.Groups["bits"].Value) is ("4", "32") or ("2", "64")));
        PtxAccesses Count(bool wide) => new(accesses[("ld", false, wide)].Count(), accesses[("st", false, wide)].Count(),
            accesses[("ld", true, wide)].Count(), accesses[("st", true, wide)].Count());
        return new PtxRow(kernel,
            Local().Matches(ptx).Sum(match => int.Parse(match.Groups["bytes"].Value, CultureInfo.InvariantCulture)),
            Double().Count(ptx), Call().Count(ptx), Count(true), Count(false), fingerprint);
    }

    public static PtxRow Parse(string line) {
        string[] fields = line.Split('\t');
        int Number(int i) => int.Parse(fields[i], CultureInfo.InvariantCulture);
        PtxAccesses Accesses(int i) => new(Number(i), Number(i + 1), Number(i + 2), Number(i + 3));
        return new PtxRow(fields[0], Number(1), Number(2), Number(3), Accesses(4), Accesses(8), fields[12]);
    }

    public override string ToString() => string.Join('\t', Kernel, LocalBytes, Doubles, Calls, Vectors, Singles, Fingerprint);

    [GeneratedRegex(@"\b(?<op>ld|st)(?:\.volatile)?(?:\.(?<space>global|shared|local))?(?:\.v(?<width>[24]))?\.[bfsu](?<bits>8|16|32|64)\b")]
    private static partial Regex Access();

    [GeneratedRegex(@"^(?!\s*\.reg).*\.f64\b", RegexOptions.Multiline)]
    private static partial Regex Double();

    [GeneratedRegex(@"^\s*(@!?%p\d+\s+)?call\b(?!seq)|\.extern\s+\.func", RegexOptions.Multiline)]
    private static partial Regex Call();

    [GeneratedRegex(@"\.local\b.*\[(?<bytes>\d+)\];")]
    private static partial Regex Local();
}

/// <summary>Accesses to memory in a kernel's code.</summary>
internal sealed record PtxAccesses(int GlobalLoads, int GlobalStores, int SharedLoads, int SharedStores) {
    public override string ToString() => string.Join('\t', GlobalLoads, GlobalStores, SharedLoads, SharedStores);
}
