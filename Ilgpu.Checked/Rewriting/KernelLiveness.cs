using System.Reflection.Emit;

namespace ILGPU.Checking;

/// <summary>Which locals a thread must keep over each barrier: those read later before they are set again.</summary>
internal static class KernelLiveness {
    /// <summary>For each of the given instructions, the set of locals alive after it, as bits.</summary>
    public static Dictionary<Instruction, ulong[]> After(KernelBody body, IReadOnlyCollection<Instruction> points) {
        if (points.Count == 0) return [];
        int words = (body.Locals.Count + 63) / 64, count = body.Code.Count;
        ulong[] before = new ulong[count * words];
        bool changed;
        ulong[] live = new ulong[words];
        do {
            changed = false;
            for (int i = count - 1; i >= 0; i--) {
                Instruction instruction = body.Code[i];
                LiveAfter(body, instruction, before, words, live);
                if (instruction.Is(OpCodes.Stloc) || Defines(body, i)) live[instruction.Local / 64] &= ~(1UL << (instruction.Local % 64));
                else if (instruction.Is(OpCodes.Ldloc) || instruction.Is(OpCodes.Ldloca)) live[instruction.Local / 64] |= 1UL << (
                    instruction.Local % 64);
                Span<ulong> known = before.AsSpan(i * words, words);
                if (known.SequenceEqual(live)) continue;
                live.CopyTo(known);
                changed = true;
            }
        } while (changed);
        var result = new Dictionary<Instruction, ulong[]>();
        foreach (Instruction point in points) {
            LiveAfter(body, point, before, words, live);
            result[point] = [.. live];
        }
        return result;
    }

    public static bool Contains(ulong[] set, int local) => (set[local / 64] >> (local % 64) & 1) != 0;

    /// <summary>Whether an address is taken only to set the whole local to zero.</summary>
    private static bool Defines(KernelBody body, int at) => body.Code[at].Is(OpCodes.Ldloca) && body.Code[at + 1].Is(OpCodes.Initobj);

    private static void LiveAfter(KernelBody body, Instruction instruction, ulong[] before, int words, ulong[] live) {
        Array.Clear(live);
        if (!instruction.EndsFlow) Join(live, before, (instruction.Index + 1) * words);
        foreach (Instruction target in instruction.Targets) Join(live, before, target.Index * words);
    }

    private static void Join(ulong[] live, ulong[] before, int from) {
        for (int w = 0; w < live.Length; w++) live[w] |= before[from + w];
    }
}
