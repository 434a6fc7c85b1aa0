using System.Text;
using System.Text.RegularExpressions;

namespace DenseEngine;

/// <summary>Says in ILGPU 1.5.3's PTX what ILGPU knows but does not say. The operands of instructions that it was told word for word
/// (<c>CudaAsm.EmitRef</c>) go through four bytes of the thread's memory each, which NVIDIA's compiler does not clean up; but nothing else
/// ever sees these bytes' addresses, so that they can as well be registers. And addresses that are of neither shared nor such memory
/// are of global memory: kernels get no others, so that loads may pass stores to shared memory.</summary>
internal static partial class PtxPromotion {
    /// <summary>The text with registers and global addresses; null if it is not as expected: an address of such memory goes elsewhere, or
    /// there is memory of another size or kind of access.</summary>
    public static string? Apply(string ptx) {
        var variables = new HashSet<string>();
        var addresses = new Dictionary<string, string>();
        var lines = new List<string>();
        foreach (string line in ptx.Split('\n')) {
            if (Declaration().Match(line) is { Success: true } declaration) {
                variables.Add(declaration.Groups[1].Value);
                lines.Add($"\t.reg .b32 %promoted_{declaration.Groups[1].Value};");
            } else if (Address().Match(line) is { Success: true } address && variables.Contains(address.Groups[2].Value)) {
                if (!addresses.TryAdd(address.Groups[1].Value, address.Groups[2].Value)) return null;
            } else {
                lines.Add(line);
            }
        }
        var text = new StringBuilder(ptx.Length);
        foreach (string line in lines) {
            string? replaced = Generic().Replace(line, "$1.global$2");
            if (Load().Match(line) is { Success: true } load)
                replaced = Move(load.Groups[1].Value, Register(addresses, load.Groups[2].Value));
            else if (Store().Match(line) is { Success: true } store)
                replaced = Move(Register(addresses, store.Groups[1].Value), store.Groups[2].Value);
            else if (line.Contains(".local", StringComparison.Ordinal) || line.Contains("__local_depot", StringComparison.Ordinal)
                && !line.Contains("%promoted_", StringComparison.Ordinal)
                || Names().Matches(line).Any(name => addresses.ContainsKey(name.Value))) replaced = null;
            if (replaced is null) return null;
            text.Append(replaced).Append('\n');
        }
        text.Length--;
        return text.ToString();
    }

    private static string? Register(Dictionary<string, string> addresses, string address) =>
        addresses.TryGetValue(address, out string? variable) ? $"%promoted_{variable}" : null;

    private static string? Move(string? to, string? from) => to is null || from is null ? null : $"\tmov.b32 {to}, {from};";

    [GeneratedRegex(@"^\s*\.local \.align 4 \.b8 (__local_depot\d+)\[4\];\s*$")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^\s*mov\.[bu]64\s+(%rd\d+), (__local_depot\d+);\s*$")]
    private static partial Regex Address();

    [GeneratedRegex(@"^\s*ld\.local\.[bfsu]32\s+(%\w+), \[(%rd\d+)\];\s*$")]
    private static partial Regex Load();

    [GeneratedRegex(@"^\s*st\.local\.[bfsu]32\s+\[(%rd\d+)\], (\S+);\s*$")]
    private static partial Regex Store();

    [GeneratedRegex(@"^(\s*(?:@!?%p\d+\s+)?(?:ld|st))(\.(?:v[24]\.)?[bfsu](?:8|16|32|64)\s)")]
    private static partial Regex Generic();

    [GeneratedRegex(@"%rd\d+")]
    private static partial Regex Names();
}
