using System.Reflection.Emit;

namespace ILGPU.Checking;

/// <summary>One instruction of a kernel after inlining. Branches hold their targets, <c>ldloc</c>, <c>stloc</c> and <c>ldloca</c> the
/// number of a local of the whole kernel (arguments are locals too).</summary>
internal sealed class Instruction(OpCode op, object? operand, int site) {
    public OpCode Op { get; } = op;

    public object? Operand { get; } = operand;

    /// <summary>The place in the source: a number of the kernel's sites.</summary>
    public int Site { get; } = site;

    /// <summary>The place in the kernel, known when all is read.</summary>
    public int Index { get; set; }

    /// <summary>What lies on the stack before it, once types are known; null if it is never reached.</summary>
    public Slot? Before { get; set; }

    public int Local => (int)Operand!;

    public bool IsOfLocal => Op == OpCodes.Ldloc || Op == OpCodes.Stloc || Op == OpCodes.Ldloca;

    public bool Is(OpCode other) => Op == other;

    /// <summary>Whether control never goes on to the next instruction.</summary>
    public bool EndsFlow => Op == OpCodes.Br || Op == OpCodes.Ret;

    public IEnumerable<Instruction> Targets => Operand switch {
        Instruction target => [target],
        Instruction[] targets => targets,
        _ => [],
    };
}
