using System.Reflection;
using System.Reflection.Emit;

namespace ILGPU.Checking;

/// <summary>Finds the type of every value on the stack, and which addresses are of private memory: those need no check. Optimistic:
/// a local of by-reference type holds private addresses until a store proves otherwise, and then all is done again.</summary>
internal sealed class KernelTypes {
    private readonly KernelBody body;
    private readonly bool[] holdsDevice;   // by-reference locals that may hold a device address

    private KernelTypes(KernelBody body) => (this.body, holdsDevice) = (body, new bool[body.Locals.Count]);

    public static void Infer(KernelBody body) {
        var types = new KernelTypes(body);
        bool changed;
        do {
            foreach (Instruction instruction in body.Code) instruction.Before = null;
            changed = types.Pass();
        } while (changed);
    }

    /// <summary>The type a value has on the stack.</summary>
    public static Type OnStack(Type type) {
        if (type.IsEnum) type = Enum.GetUnderlyingType(type);
        if (type == typeof(bool) || type == typeof(byte) || type == typeof(sbyte) || type == typeof(short) || type == typeof(ushort)
            || type == typeof(char)
            || type == typeof(uint)) return typeof(int);
        return type == typeof(ulong) ? typeof(long) : type == typeof(nuint) ? typeof(nint) : type;
    }

    private bool Pass() {
        bool changed = false;
        var work = new Stack<Instruction>();
        Reach(body.Code[0], Slot.Bottom, work);
        while (work.TryPop(out Instruction? instruction)) {
            Slot before = instruction.Before!;
            if (instruction.Is(OpCodes.Stloc) && body.Locals[instruction.Local].IsByRef && !before.Private
                && !holdsDevice[instruction.Local])
                changed = holdsDevice[instruction.Local] = true;
            Slot after = Step(instruction, before);
            foreach (Instruction target in instruction.Targets) Reach(target, after, work);
            if (!instruction.EndsFlow) Reach(body.Code[instruction.Index + 1], after, work);
        }
        return changed;
    }

    private static void Reach(Instruction target, Slot stack, Stack<Instruction> work) {
        Slot merged = target.Before is null ? stack : Merge(target.Before, stack);
        if (ReferenceEquals(merged, target.Before)) return;
        target.Before = merged;
        work.Push(target);
    }

    private static Slot Merge(Slot known, Slot other) {
        if (known.Below is null || other.Below is null || ReferenceEquals(known, other)) return known;
        Slot below = Merge(known.Below, other.Below);
        bool isPrivate = known.Private && other.Private;
        return ReferenceEquals(below, known.Below) && isPrivate == known.Private ? known : new Slot(known.Type, isPrivate, below);
    }

    private Slot Step(Instruction instruction, Slot stack) {
        string name = instruction.Op.Name!;
        Slot Push(Slot below, Type type, bool isPrivate = false) => new(OnStack(type), isPrivate, below);
        Slot Pop(int count) {
            Slot at = stack;
            for (int i = 0; i < count; i++) at = at.Below ?? throw body.Refuse("code that does not balance its stack", instruction.Site);
            return at;
        }
        switch (name) {
            case "nop" or "br" or "ret": return stack;
            case "ldloc":
                Type local = body.Locals[instruction.Local];
                return Push(stack, local, local.IsByRef && !holdsDevice[instruction.Local]);
            case "ldloca": return Push(stack, body.Locals[instruction.Local].MakeByRefType(), true);
            case "dup": return Push(stack, stack.Type, stack.Private);
            case "ldc.i4" or "sizeof": return Push(stack, typeof(int));
            case "ldc.i8": return Push(stack, typeof(long));
            case "ldc.r4": return Push(stack, typeof(float));
            case "ldc.r8": return Push(stack, typeof(double));
            case "pop" or "stloc" or "brtrue" or "brfalse" or "switch" or "initobj": return Pop(1);
            case "stfld" or "stobj": return Pop(2);
            case "ldobj": return Push(Pop(1), (Type)instruction.Operand!);
            case "ldfld": return Push(Pop(1), ((FieldInfo)instruction.Operand!).FieldType);
            case "ldflda":
                if (!stack.Type.IsByRef) throw body.Refuse("the address of a field of a value that has none", instruction.Site);
                return Push(Pop(1), ((FieldInfo)instruction.Operand!).FieldType.MakeByRefType(), stack.Private);
            case "neg" or "not": return stack;
            case "ceq" or "cgt" or "cgt.un" or "clt" or "clt.un": return Push(Pop(2), typeof(int));
            case "shl" or "shr" or "shr.un": return Pop(1);
            case "add" or "sub" or "mul" or "div" or "div.un" or "rem" or "rem.un" or "and" or "or" or "xor":
                Type left = Pop(1).Type, right = stack.Type;
                if (left.IsByRef || right.IsByRef) throw body.Refuse(
                    "arithmetic on an address (a fixed buffer or inline array, say)", instruction.Site);
                return Push(Pop(2), left == typeof(double) || right == typeof(double) ? typeof(double) : left == typeof(int) ? right
                    : left);
            case "call" or "newobj": return Call(instruction, Pop, Push);
        }
        if (name.StartsWith("ldind", StringComparison.Ordinal)) return Push(Pop(1), Element(instruction));
        if (name.StartsWith("stind", StringComparison.Ordinal)) return Pop(2);
        if (name.StartsWith("conv", StringComparison.Ordinal)) {
            if (stack.Type.IsByRef) throw body.Refuse("an address as a number", instruction.Site);
            return Push(Pop(1), name switch {
                "conv.i8" or "conv.u8" => typeof(long),
                "conv.r4" => typeof(float),
                "conv.r8" or "conv.r.un" => typeof(double),
                _ => typeof(int),
            });
        }
        if (instruction.Op.FlowControl == FlowControl.Cond_Branch) return Pop(2);
        throw body.Refuse($"the instruction {name}", instruction.Site);
    }

    private Slot Call(Instruction instruction, Func<int, Slot> pop, Func<Slot, Type, bool, Slot> push) {
        var method = (MethodBase)instruction.Operand!;
        ParameterInfo[] parameters = method.GetParameters();
        bool makes = instruction.Is(OpCodes.Newobj);
        for (int p = 0; p < parameters.Length; p++)
            if (parameters[p].ParameterType.IsByRef && method.DeclaringType != typeof(Atomic))
                throw body.Refuse($"a reference handed to {method.DeclaringType?.Name}.{method.Name}", instruction.Site);
        Slot below = pop(parameters.Length + (makes || method.IsStatic ? 0 : 1));
        Type result = makes ? method.DeclaringType! : method is MethodInfo { ReturnType: var type } ? type : typeof(void);
        return result == typeof(void) ? below : push(below, result, false);
    }

    /// <summary>The type that an indirect load or store moves.</summary>
    public static Type Element(Instruction instruction) => instruction.Op.Name switch {
        "ldind.i1" or "stind.i1" => typeof(sbyte),
        "ldind.u1" => typeof(byte),
        "ldind.i2" or "stind.i2" => typeof(short),
        "ldind.u2" => typeof(ushort),
        "ldind.i4" or "stind.i4" => typeof(int),
        "ldind.u4" => typeof(uint),
        "ldind.i8" or "stind.i8" => typeof(long),
        "ldind.r4" or "stind.r4" => typeof(float),
        "ldind.r8" or "stind.r8" => typeof(double),
        "ldind.i" or "stind.i" => typeof(nint),
        _ => (Type)(instruction.Operand ?? typeof(nint)),
    };
}
