using System.Reflection;
using System.Reflection.Emit;

namespace ILGPU.Checking;

/// <summary>Something in a kernel that compiles, but to what its author may not mean.</summary>
/// <param name="Rule">K14 and so on.</param>
/// <param name="Message">What, and the calls and line that lead there.</param>
/// <param name="Sure">Whether it is a fault whatever the data.</param>
internal readonly record struct KernelFinding(string Rule, string Message, bool Sure);

/// <summary>Looks through a kernel that devices take for what they compile to something else than C# says, or that depends on
/// luck.</summary>
internal sealed class KernelReview {
    private readonly KernelBody body;
    private readonly List<KernelFinding> findings = [];
    private readonly Dictionary<Instruction, Instruction> divergent = [];   // and the branch that decides about it
    private readonly KernelTraits traits;

    private KernelReview(KernelBody body) {
        this.body = body;
        var flow = new KernelFlow(body);
        int known;
        do {
            known = divergent.Count;
            traits = new KernelTraits(body, divergent.Keys.ToHashSet());
            foreach (int branch in flow.Branches) {
                Instruction last = flow.Last(branch);
                if (!Varies(last) && !divergent.ContainsKey(last)) continue;
                Instruction decider = Varies(last) ? last : divergent[last];
                foreach (Instruction decided in flow.DecidedBy(branch).SelectMany(flow.Code)) divergent.TryAdd(decided, decider);
            }
        } while (divergent.Count > known);
    }

    /// <summary>What is wrong or doubtful, in the order of the code.</summary>
    public static IReadOnlyList<KernelFinding> Of(KernelBody body) {
        var review = new KernelReview(body);
        foreach (Instruction instruction in body.Code.Where(instruction => instruction.Before is not null)) review.Look(instruction);
        return [.. review.findings.Distinct()];
    }

    private bool Varies(Instruction branch) => ((traits.Top(branch) | (branch.Op.StackBehaviourPop == StackBehaviour.Pop1_pop1
        ? traits.Second(branch) : Traits.None)) & Traits.Varies) != 0;

    private void Look(Instruction instruction) {
        string name = instruction.Op.Name!;
        if (name is "ldc.r8" or "conv.r8") Add("K14", "arithmetic in double precision", instruction);
        if (instruction.Operand is MethodBase called) {
            if (KernelCalls.Wait(called) is { } kind and not (WaitKind.WarpBarrier or WaitKind.WarpExchange)) {
                if (divergent.TryGetValue(instruction, out Instruction? branch)) Add("K15",
                    $"a barrier that some threads may not reach, as decided at {body.Line(branch.Site)}", instruction);
            }
            return;
        }
        if (name is "conv.i1" or "conv.u1" or "conv.i2" or "conv.u2") {
            Type type = instruction.Before!.Type;
            if (type == typeof(float) || type == typeof(double) || (traits.Top(instruction) & Traits.FromFloat) != 0)
                Add("K17", "a float to an integer of 8 or 16 bits: C# wraps, the device saturates; clamp the integer before", instruction,
                    true);
        }
        if (name is "conv.r4" or "conv.r8" or "conv.r.un" && (traits.Top(instruction) & Traits.Truth) != 0)
            Add("K19", "the outcome of a comparison made a float: ILGPU gives 1e-45 for 1; write 1f and 0f", instruction, true);
        if (name is "conv.i8" or "conv.u8" && instruction.Before!.Type == typeof(int) && (traits.Top(instruction) & Traits.Product) != 0)
            Add("K18", "a product of 32-bit integers made 64 bits wide afterwards: it may have overflowed before", instruction);
    }

    private void Add(string rule, string what, Instruction at, bool sure = false) =>
        findings.Add(new KernelFinding(rule, $"{rule}: {what}, in {body.Path(at.Site)}", sure));
}
