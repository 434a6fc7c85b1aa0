using System.Reflection;
using System.Reflection.Emit;

namespace ILGPU.Checking;

/// <summary>Writes a kernel anew: each load and store is preceded by its check, ILGPU's static classes are replaced by the thread's
/// context, and each barrier becomes a return that can be resumed.</summary>
internal sealed partial class KernelEmitter {
    private static readonly FieldInfo SiteField = typeof(ThreadContext).GetField(nameof(ThreadContext.Site))!;
    private static readonly FieldInfo ArgumentsField = typeof(ThreadContext).GetField(nameof(ThreadContext.Arguments))!;
    private static readonly MethodInfo LoadCheck = typeof(Shadow).GetMethod(nameof(Shadow.Load))!;
    private static readonly MethodInfo StoreCheck = typeof(Shadow).GetMethod(nameof(Shadow.Store))!;
    private static readonly MethodInfo AtomicCheck = typeof(Shadow).GetMethod(nameof(Shadow.Atomic))!;

    private readonly KernelBody body;
    private readonly bool checks;
    private readonly KernelDamage? damage;
    private readonly DynamicMethod method;
    private readonly ILGenerator il;
    private readonly LocalBuilder?[] locals;   // those that are used
    private readonly Dictionary<Type, Stack<LocalBuilder>> spare = [];
    private readonly Dictionary<Instruction, Label> labels = [];

    /// <param name="body">The kernel.</param>
    /// <param name="checks">Whether accesses are checked; indices always are.</param>
    /// <param name="damage">A bug to plant.</param>
    public unsafe KernelEmitter(KernelBody body, bool checks, KernelDamage? damage = null) {
        (this.body, this.checks, this.damage) = (body, checks, damage);
        method = new DynamicMethod(body.Root.Name, typeof(int), [typeof(ThreadContext), typeof(byte*), typeof(int)],
            typeof(KernelEmitter).Module, true);
        il = method.GetILGenerator(body.Code.Count * 16);
        var used = body.Code.Where(i => i.Before is not null && i.IsOfLocal).Select(i => i.Local).ToHashSet();
        locals = [.. body.Locals.Select((type, local) => used.Contains(local) || local < body.Parameters ? il.DeclareLocal(type) : null)];
        PlanFrame();
    }

    public KernelStep Emit() {
        foreach (Instruction instruction in body.Code)
            foreach (Instruction target in instruction.Targets) labels.TryAdd(target, il.DefineLabel());
        Prologue();
        foreach (Instruction instruction in body.Code) {
            if (labels.TryGetValue(instruction, out Label label)) il.MarkLabel(label);
            if (instruction.Before is { } stack) Emit(instruction, stack);
        }
        return method.CreateDelegate<KernelStep>();
    }

    private void Emit(Instruction instruction, Slot stack) {
        string name = instruction.Op.Name!;
        switch (instruction.Operand) {
            case Instruction target: il.Emit(instruction.Op, labels[target]); return;
            case Instruction[] targets: il.Emit(instruction.Op, [.. targets.Select(target => labels[target])]); return;
            case MethodBase called: Call(instruction, called, stack); return;
        }
        switch (name) {
            case "nop": break;
            case "ret":
                il.Emit(OpCodes.Ldc_I4_0);
                il.Emit(OpCodes.Ret);
                break;
            case "ldloc": LoadLocal(instruction.Local); break;
            case "ldloca": LoadLocalAddress(instruction.Local); break;
            case "stloc": StoreLocal(instruction.Local); break;
            case "ldc.i4": il.Emit(OpCodes.Ldc_I4, (int)instruction.Operand!); break;
            case "ldc.i8": il.Emit(OpCodes.Ldc_I8, (long)instruction.Operand!); break;
            case "ldc.r4": il.Emit(OpCodes.Ldc_R4, (float)instruction.Operand!); break;
            case "ldc.r8": il.Emit(OpCodes.Ldc_R8, (double)instruction.Operand!); break;
            case "ldfld": LoadField((FieldInfo)instruction.Operand!, instruction, stack); break;
            case "stfld": StoreField((FieldInfo)instruction.Operand!, instruction, stack); break;
            case "ldflda": il.Emit(OpCodes.Ldflda, (FieldInfo)instruction.Operand!); break;
            case "initobj":
                if (Checks(stack)) Checked(StoreCheck, (Type)instruction.Operand!, instruction.Site);
                il.Emit(OpCodes.Initobj, (Type)instruction.Operand!);
                break;
            case "div" or "div.un" or "rem" or "rem.un":
                if (stack.Type == typeof(int) || stack.Type == typeof(long)) NoteSite(instruction.Site);
                il.Emit(instruction.Op);
                break;
            default: Plain(instruction, name, stack); break;
        }
    }

    private void Plain(Instruction instruction, string name, Slot stack) {
        bool load = name == "ldobj" || name.StartsWith("ldind", StringComparison.Ordinal);
        bool store = name == "stobj" || name.StartsWith("stind", StringComparison.Ordinal);
        if (load && Checks(stack)) Checked(LoadCheck, KernelTypes.Element(instruction), instruction.Site);
        if (store && Checks(stack.Below!)) StoreChecked(stack.Type, KernelTypes.Element(instruction), instruction.Site, Pass);
        else Pass();

        void Pass() {
            if (instruction.Operand is Type type) il.Emit(instruction.Op, type);
            else il.Emit(instruction.Op);
        }
    }

    private void LoadField(FieldInfo field, Instruction instruction, Slot stack) {
        if (!stack.Type.IsByRef || !Checks(stack)) {
            il.Emit(OpCodes.Ldfld, field);
            return;
        }
        il.Emit(OpCodes.Ldflda, field);
        Checked(LoadCheck, field.FieldType, instruction.Site);
        il.Emit(OpCodes.Ldobj, field.FieldType);
    }

    private void StoreField(FieldInfo field, Instruction instruction, Slot stack) {
        if (!Checks(stack.Below!)) {
            il.Emit(OpCodes.Stfld, field);
            return;
        }
        LocalBuilder value = Take(field.FieldType);
        il.Emit(OpCodes.Stloc, value);
        il.Emit(OpCodes.Ldflda, field);
        il.Emit(OpCodes.Ldloc, value);
        Give(value);
        StoreChecked(field.FieldType, field.FieldType, instruction.Site, () => il.Emit(OpCodes.Stobj, field.FieldType));
    }

    private bool Checks(Slot address) => checks && !address.Private;

    /// <summary>With the address on top of the stack, which stays there.</summary>
    private void Checked(MethodInfo check, Type type, int site) {
        il.Emit(OpCodes.Dup);
        il.Emit(OpCodes.Conv_U);
        il.Emit(OpCodes.Ldc_I4, KernelRules.SizeOf(type));
        il.Emit(OpCodes.Ldc_I4, site);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Call, check);
    }

    /// <summary>With the address below the value.</summary>
    private void StoreChecked(Type onStack, Type type, int site, Action store) {
        LocalBuilder value = Take(onStack);
        il.Emit(OpCodes.Stloc, value);
        Label? skipped = SkipInShared();
        Checked(StoreCheck, type, site);
        ZeroInBuffer([value]);
        il.Emit(OpCodes.Ldloc, value);
        store();
        if (skipped is { } end) il.MarkLabel(end);
        Give(value);
    }

    private void NoteSite(int site) {
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I4, site);
        il.Emit(OpCodes.Stfld, SiteField);
    }

    private LocalBuilder Take(Type type) =>
        spare.TryGetValue(type, out Stack<LocalBuilder>? idle) && idle.TryPop(out LocalBuilder? local) ? local : il.DeclareLocal(type);

    private void Give(LocalBuilder local) {
        if (!spare.TryGetValue(local.LocalType, out Stack<LocalBuilder>? idle)) spare[local.LocalType] = idle = new Stack<LocalBuilder>();
        idle.Push(local);
    }
}
