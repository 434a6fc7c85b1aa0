using System.Reflection;
using System.Reflection.Emit;

namespace ILGPU.Checking;

/// <summary>What is known of a value beside its type.</summary>
[Flags]
internal enum Traits {
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It may differ between the threads of a group.</summary>
    Varies = 1,

    /// <summary>An integer that a float was converted to, as it came.</summary>
    FromFloat = 2,

    /// <summary>A product of 32-bit integers, or a sum with one.</summary>
    Product = 4,

    /// <summary>The outcome of a comparison, which C# has as the integer 0 or 1.</summary>
    Truth = 8,
}

/// <summary>Follows traits of values through a kernel. A local has those of all that is ever stored to it.</summary>
internal sealed class KernelTraits {
    private const int Device = -1, Several = -2;   // what an address is of, if not of one local
    private readonly KernelBody body;
    private readonly IReadOnlySet<Instruction> divergent;
    private readonly Traits[] locals;
    private readonly int[] targets;   // of by-reference locals
    private readonly bool[] known;   // of these: whether there is a target yet
    private readonly Dictionary<Instruction, Value> before = [];
    private bool changed;

    /// <param name="body">The kernel, its types inferred.</param>
    /// <param name="divergent">Instructions that some threads may pass by: what they store varies.</param>
    public KernelTraits(KernelBody body, IReadOnlySet<Instruction> divergent) {
        (this.body, this.divergent) = (body, divergent);
        locals = new Traits[body.Locals.Count];
        targets = new int[locals.Length];
        known = new bool[locals.Length];
        if (body.PerIndex) locals[0] = Traits.Varies;
        do {
            changed = false;
            before.Clear();
            Pass();
        } while (changed);
    }

    private sealed record Value(Traits Traits, int Target, Value? Below);

    /// <summary>The traits of the value on top of the stack before an instruction.</summary>
    public Traits Top(Instruction instruction) => before.TryGetValue(instruction, out Value? top) && top.Below is not null
        ? Read(top) : Traits.None;

    /// <summary>The traits of the value below that on top.</summary>
    public Traits Second(Instruction instruction) => before.TryGetValue(instruction, out Value? top) && top.Below?.Below is not null
        ? Read(top.Below) : Traits.None;

    private void Pass() {
        var work = new Stack<Instruction>();
        Reach(body.Code[0], new Value(Traits.None, Device, null), work);
        while (work.TryPop(out Instruction? instruction)) {
            Value after = Step(instruction, before[instruction]);
            foreach (Instruction target in instruction.Targets) Reach(target, after, work);
            if (!instruction.EndsFlow) Reach(body.Code[instruction.Index + 1], after, work);
        }
    }

    private void Reach(Instruction target, Value stack, Stack<Instruction> work) {
        Value? have = before.GetValueOrDefault(target);
        Value merged = have is null ? stack : Merge(have, stack);
        if (ReferenceEquals(merged, have)) return;
        before[target] = merged;
        work.Push(target);
    }

    private static Value Merge(Value have, Value other) {
        if (have.Below is null || other.Below is null || ReferenceEquals(have, other)) return have;
        Value below = Merge(have.Below, other.Below);
        Traits traits = have.Traits | other.Traits;
        int target = have.Target == other.Target ? have.Target : Several;
        return ReferenceEquals(below, have.Below) && traits == have.Traits && target == have.Target ? have
            : new Value(traits, target, below);
    }

    private Value Step(Instruction instruction, Value stack) {
        if (instruction.Operand is MethodBase called) return Call(instruction, called, stack);
        (int pops, int pushes) = Effect(instruction.Op);
        Value below = stack;
        Traits joined = Traits.None;
        for (int i = 0; i < pops; i++, below = below.Below!) joined |= below.Traits;
        switch (instruction.Op.Name) {
            case "ldloc":
                bool address = body.Locals[instruction.Local].IsByRef && known[instruction.Local];
                return new Value(locals[instruction.Local], address ? targets[instruction.Local] : Device, below);
            case "ldloca": return new Value(Traits.None, instruction.Local, below);
            case "ldflda": return stack;
            case "dup": return stack with { Below = stack };
            case "stloc":
                StoreLocal(instruction, stack);
                return below;
            case "stfld" or "stobj":
                StoreTo(stack.Below!, stack.Traits, instruction);
                return below;
            case "initobj":
                StoreTo(stack, Traits.None, instruction);
                return below;
        }
        string name = instruction.Op.Name!;
        if (name.StartsWith("stind", StringComparison.Ordinal)) {
            StoreTo(stack.Below!, stack.Traits, instruction);
            return below;
        }
        if (pushes == 0) return below;
        if (name is "ldobj" or "ldfld" || name.StartsWith("ldind", StringComparison.Ordinal)) return new Value(
            stack.Target == Device ? stack.Traits & Traits.Varies : Read(stack), Device, below);
        return new Value(Result(name, joined, instruction.Before!.Type), Device, below);
    }

    private static Traits Result(string name, Traits operands, Type top) {
        Traits varies = operands & Traits.Varies;
        if (name.StartsWith("conv", StringComparison.Ordinal))
            return top == typeof(float) || top == typeof(double) ? varies | Traits.FromFloat
                : operands & ~(Traits.FromFloat | Traits.Truth);
        return name switch {
            "mul" when top == typeof(int) => varies | Traits.Product,
            "add" or "sub" => operands & ~(Traits.FromFloat | Traits.Truth),
            "ceq" or "cgt" or "cgt.un" or "clt" or "clt.un" => varies | Traits.Truth,
            "and" or "or" or "xor" => operands & (Traits.Varies | Traits.Truth),
            _ => varies,
        };
    }

    private Value Call(Instruction instruction, MethodBase called, Value stack) {
        bool makes = instruction.Is(OpCodes.Newobj), instance = !called.IsStatic && !makes;
        Value below = stack;
        Traits joined = Traits.None, kept = KernelSignature.IsIndex(called.DeclaringType!) ? Traits.Varies | Traits.Product : Traits.Varies;
        for (int p = called.GetParameters().Length; p > 0; p--, below = below.Below!) joined |= Read(below) & kept;
        if (instance) {
            if (called is ConstructorInfo) StoreTo(below, joined, instruction);
            joined |= Read(below) & kept;
            below = below.Below!;
        }
        bool gives = makes || called is MethodInfo { ReturnType: var type } && type != typeof(void);
        return gives ? new Value(KernelCalls.Given(called) ?? joined, Device, below) : below;
    }

    private void StoreLocal(Instruction instruction, Value value) {
        int local = instruction.Local;
        if (body.Locals[local].IsByRef) {
            int target = !known[local] || targets[local] == value.Target ? value.Target : Several;
            if (!known[local] || target != targets[local]) (known[local], targets[local], changed) = (true, target, true);
        }
        Grow(local, value.Traits | Divergence(instruction));
    }

    private void StoreTo(Value address, Traits traits, Instruction instruction) {
        traits |= Divergence(instruction);
        if (address.Target >= 0) Grow(address.Target, traits);
        else if (address.Target == Several)
            foreach (Instruction taken in body.Code)
                if (taken.Is(OpCodes.Ldloca)) Grow(taken.Local, traits);
    }

    private Traits Divergence(Instruction instruction) => divergent.Contains(instruction) ? Traits.Varies : Traits.None;

    private void Grow(int local, Traits traits) {
        if ((locals[local] | traits) == locals[local]) return;
        locals[local] |= traits;
        changed = true;
    }

    /// <summary>The traits of a value, or of what it is the address of.</summary>
    private Traits Read(Value value) => value.Target switch {
        Device => value.Traits,
        Several => body.Code.Where(i => i.Is(OpCodes.Ldloca)).Aggregate(value.Traits, (all, i) => all | locals[i.Local]),
        _ => value.Traits | locals[value.Target],
    };

    private static (int Pops, int Pushes) Effect(OpCode op) {
        static int Count(string behaviour, string part) => behaviour.Split('_').Count(
            piece => piece.StartsWith(part, StringComparison.OrdinalIgnoreCase) && !piece.EndsWith('0'));
        if (op == OpCodes.Ret) return (0, 0);
        return (Count(op.StackBehaviourPop.ToString(), "pop"), Count(op.StackBehaviourPush.ToString(), "push"));
    }
}
