using System.Reflection.Emit;

namespace ILGPU.Checking;

/// <summary>Leaves out what a kernel's constants decide: a type parameter that says a tile's size, say, chooses among ways of which the
/// others never run. .NET compiles methods of over 60,000 bytes or 20,000 instructions without optimising, many times slower.</summary>
internal static class KernelPruning {
    /// <summary>Branches on constants become jumps or nothing; what is then not reached is no longer.</summary>
    public static void Prune(KernelBody body) {
        List<Instruction> code = body.Code;
        var targets = code.SelectMany(instruction => instruction.Targets).ToHashSet();
        for (int i = 0; i < code.Count; i++) {
            if (code[i] is not { Operand: Instruction target, Before: not null } branch || branch.EndsFlow) continue;
            int right = Constant(i), left = right >= 0 && TakesTwo(branch.Op) ? Constant(right) : right;
            if (left < 0 || Taken(branch.Op, (int)code[left].Operand!, (int)code[right].Operand!) is not { } taken) continue;
            Replace(left, OpCodes.Nop, null);
            if (right != left) Replace(right, OpCodes.Nop, null);
            Replace(i, taken ? OpCodes.Br : OpCodes.Nop, taken ? target : null);
        }
        var reached = new HashSet<Instruction>();
        var work = new Stack<int>([0]);
        while (work.TryPop(out int at)) {
            for (; at < code.Count && code[at].Before is not null && reached.Add(code[at]); at++) {
                foreach (Instruction next in code[at].Targets) work.Push(next.Index);
                if (code[at].EndsFlow) break;
            }
        }
        foreach (Instruction instruction in code)
            if (!reached.Contains(instruction)) instruction.Before = null;

        // The constant that an instruction right before a place leaves there; -1 if there is none, or it can be come to in another way.
        int Constant(int place) {
            do {
                if (targets.Contains(code[place])) return -1;
                place--;
            } while (place >= 0 && code[place].Is(OpCodes.Nop));
            return place >= 0 && code[place].Is(OpCodes.Ldc_I4) && !targets.Contains(code[place]) ? place : -1;
        }

        void Replace(int at, OpCode op, object? operand) =>
            code[at] = new Instruction(op, operand, code[at].Site) { Index = at, Before = code[at].Before };
    }

    private static bool TakesTwo(OpCode branch) => branch != OpCodes.Brtrue && branch != OpCodes.Brfalse;

    private static bool? Taken(OpCode branch, int left, int right) => branch.Name switch {
        "brtrue" => right != 0,
        "brfalse" => right == 0,
        "beq" => left == right,
        "bne.un" => left != right,
        "blt" => left < right,
        "ble" => left <= right,
        "bgt" => left > right,
        "bge" => left >= right,
        _ => null,
    };
}
