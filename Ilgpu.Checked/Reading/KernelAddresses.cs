using System.Reflection;
using System.Reflection.Emit;

namespace ILGPU.Checking;

/// <summary>Addresses of a kernel's own variables, and of their fields, that it passes by reference. They never change, so that the called
/// code can say them itself wherever it uses its parameter. A variable whose address is kept in another lives in memory, and not in the
/// processor's registers.</summary>
internal sealed class KernelAddresses {
    private readonly List<Instruction[]> known = [];

    /// <summary>The code of an address by its number.</summary>
    public Instruction[] this[int number] => known[~number];

    /// <summary>A number for an address: a negative one.</summary>
    public int Of(Instruction[] code) {
        known.Add(code);
        return ~(known.Count - 1);
    }

    /// <summary>Takes the arguments of a call that are such addresses out of the code that ends with all of its arguments.</summary>
    /// <param name="code">The code up to the call.</param>
    /// <param name="called">What is called.</param>
    /// <param name="arguments">Gets their numbers.</param>
    public void Take(List<Instruction> code, MethodBase called, Span<int> arguments) {
        int end = code.Count;
        for (int a = arguments.Length - 1; a >= 0; a--) {
            int start = Start(code, end);
            if (start < 0) return;
            if (code[start].Is(OpCodes.Ldloca) && code.Take((start + 1)..end).All(next => next.Is(OpCodes.Ldflda))) {
                arguments[a] = Of([.. code.Take(start..end)]);
                code.RemoveRange(start, end - start);
            }
            end = start;
        }
    }

    /// <summary>Where the code of the value begins that is on top of the stack at a place; -1 if it is not simple.</summary>
    private static int Start(List<Instruction> code, int end) {
        for (int missing = 1; missing > 0;) {
            if (--end < 0 || Pops(code[end].Op) is not { } pops) return -1;
            missing += pops - 1;
        }
        return end;
    }

    /// <summary>How many values an instruction takes that leaves one and goes on to the next; null for others.</summary>
    private static int? Pops(OpCode op) => op.FlowControl != FlowControl.Next || op.StackBehaviourPush is StackBehaviour.Push0
        or StackBehaviour.Push1_push1 or StackBehaviour.Varpush ? null : op.StackBehaviourPop switch {
            StackBehaviour.Pop0 => 0,
            StackBehaviour.Pop1 or StackBehaviour.Popi or StackBehaviour.Popref => 1,
            StackBehaviour.Pop1_pop1 or StackBehaviour.Popi_pop1 or StackBehaviour.Popi_popi => 2,
            _ => null,
        };
}
