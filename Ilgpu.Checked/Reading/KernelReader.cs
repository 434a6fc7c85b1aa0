using System.Globalization;
using System.Reflection;
using System.Reflection.Emit;

namespace ILGPU.Checking;

/// <summary>Reads a kernel and all that it calls into one body, as a GPU's compiler would inline it, and refuses what no device
/// takes. The rules have the numbers that <c>docs/kernels.md</c> lists them by.</summary>
internal sealed class KernelReader {
    private readonly KernelBody body;
    private readonly List<MethodBase> path = [];
    private readonly Stack<int> callers = [];
    private readonly KernelAddresses addresses = new();

    private KernelReader(KernelBody body) => this.body = body;

    /// <summary>The kernel with its types and its shared memory known.</summary>
    /// <param name="root">The method, closed if generic.</param>
    /// <param name="perIndex">Whether it is run for each index of an extent.</param>
    /// <exception cref="InternalCompilerException">No device takes it.</exception>
    public static KernelBody Read(MethodInfo root, bool perIndex) {
        var body = new KernelBody(root, perIndex);
        body.Sites.Add(new KernelSite(root, 0, -1));
        if (KernelSignature.Refusal(root, perIndex) is { } refusal) throw body.Refuse($"K11: {refusal}", 0);
        var reader = new KernelReader(body);
        ParameterInfo[] parameters = root.GetParameters();
        foreach (ParameterInfo parameter in parameters) reader.Local(parameter.ParameterType, 0);
        body.Parameters = parameters.Length;
        reader.Inline(root, [.. Enumerable.Range(0, parameters.Length)], -1);
        reader.Add(OpCodes.Ret, null, 0);
        for (int i = 0; i < body.Code.Count; i++) body.Code[i].Index = i;
        KernelTypes.Infer(body);
        if (perIndex && body.Waits.FirstOrDefault() is { } wait)
            throw body.Refuse("K15: a barrier in a kernel run per index, whose groups are not its own", wait.Site);
        body.Shared = SharedLayout.Of(body);
        return body;
    }

    private Instruction Add(OpCode op, object? operand, int site) {
        var instruction = new Instruction(op, operand, site);
        body.Code.Add(instruction);
        return instruction;
    }

    private int Local(Type type, int site) {
        Type element = type.IsByRef ? type.GetElementType()! : type;
        if (KernelRules.Refusal(element) is { } refusal) throw body.Refuse(refusal, site);
        body.Locals.Add(type.IsEnum ? Enum.GetUnderlyingType(type) : type);
        return body.Locals.Count - 1;
    }

    private void Inline(MethodBase method, int[] arguments, int caller) {
        if (path.Contains(method)) throw body.Refuse($"K10: recursion: {method.Name} calls itself", caller, method);
        MethodBody? il = method.GetMethodBody();
        if (il is null) throw body.Refuse($"K5: {method.DeclaringType?.Name}.{method.Name} has no code", caller, method);
        path.Add(method);
        callers.Push(caller);
        List<RawInstruction> raw = ILDecoder.Decode(method, il.GetILAsByteArray()!);
        int first = Site(method, 0);
        if (il.ExceptionHandlingClauses.Count > 0) throw body.Refuse("K1: try, using or lock: kernels have no exceptions", first);
        if (raw.Find(instruction => instruction.Op == OpCodes.Throw) is { Op.Size: > 0 } thrown)
            throw body.Refuse(KernelRules.Throw, Site(method, thrown.Offset));
        int[] locals = [.. il.LocalVariables.Select(variable => Local(variable.LocalType, first))];
        var marks = new Dictionary<int, Instruction>();
        foreach (RawInstruction from in raw)
            foreach (int target in from.Operand is int[] many ? many
                : from.Op.OperandType is OperandType.InlineBrTarget or OperandType.ShortInlineBrTarget ? [(int)from.Operand!] : [])
                marks.TryAdd(target, new Instruction(OpCodes.Nop, null, first));
        var end = new Instruction(OpCodes.Nop, null, first);
        Type? constrained = null;
        for (int i = 0; i < raw.Count; i++) {
            if (marks.TryGetValue(raw[i].Offset, out Instruction? mark)) body.Code.Add(mark);
            int site = Site(method, raw[i].Offset);
            if (raw[i].Op == OpCodes.Constrained) {
                constrained = (Type)raw[i].Operand!;
                continue;
            }
            if (raw[i].Op == OpCodes.Ret) {
                if (i < raw.Count - 1) Add(OpCodes.Br, end, site);
            } else if (raw[i].Op.FlowControl == FlowControl.Call) {
                Call(raw[i], constrained, site);
            } else if (raw[i].Op == OpCodes.Ldstr && IsInstruction(raw, i)) {
                Add(OpCodes.Ldc_I4, 0, site);
            } else {
                Translate(raw[i], arguments, locals, marks, site);
            }
            constrained = null;
        }
        body.Code.Add(end);
        path.RemoveAt(path.Count - 1);
        callers.Pop();
    }

    /// <summary>Whether a literal is the text of a device's own instruction: what is called next takes it.</summary>
    private static bool IsInstruction(List<RawInstruction> raw, int literal) =>
        raw.Skip(literal).FirstOrDefault(next => next.Op.FlowControl == FlowControl.Call).Operand
            is MethodBase { DeclaringType.Name: KernelRules.CudaAsm };

    private int Site(MethodBase method, int offset) {
        body.Sites.Add(new KernelSite(method, offset, callers.Peek()));
        return body.Sites.Count - 1;
    }

    private void Translate(RawInstruction raw, int[] arguments, int[] locals, Dictionary<int, Instruction> marks, int site) {
        string name = raw.Op.Name!;
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        string family = dot < 0 ? name : name[..dot];
        int Number() => raw.Operand is int number ? number : name[^1] - '0';
        switch (family) {
            case "nop" or "break" or "readonly": break;
            case "ldarg": Load(arguments[Number()], site); break;
            case "ldarga": Add(OpCodes.Ldloca, arguments[Number()], site); break;
            case "starg":
                if (arguments[Number()] < 0) throw body.Refuse("a parameter by reference that is made to refer to something else", site);
                Add(OpCodes.Stloc, arguments[Number()], site);
                break;
            case "ldloc": Add(OpCodes.Ldloc, locals[Number()], site); break;
            case "ldloca": Add(OpCodes.Ldloca, locals[Number()], site); break;
            case "stloc": Add(OpCodes.Stloc, locals[Number()], site); break;
            case "ldc" when name.StartsWith("ldc.i4", StringComparison.Ordinal):
                int constant = raw.Operand switch { sbyte s => s, int n => n, _ => name == "ldc.i4.m1" ? -1 : name[^1] - '0' };
                Add(OpCodes.Ldc_I4, constant, site);
                break;
            case "ldsfld": Constant((FieldInfo)raw.Operand!, site); break;
            case "switch": Add(OpCodes.Switch, ((int[])raw.Operand!).Select(target => marks[target]).ToArray(), site); break;
            default:
                if (KernelRules.Refusal(raw.Op) is { } refusal) throw body.Refuse(refusal, site);
                if (raw.Op.FlowControl is FlowControl.Branch or FlowControl.Cond_Branch) Add(Long(raw.Op), marks[(int)raw.Operand!], site);
                else Add(raw.Op, raw.Operand, site);
                break;
        }
    }

    /// <summary>The form of a branch that reaches everywhere: inlining moves targets apart.</summary>
    private static OpCode Long(OpCode op) => op.OperandType == OperandType.InlineBrTarget ? op
        : (OpCode)typeof(OpCodes).GetField(CultureInfo.InvariantCulture.TextInfo.ToTitleCase(
            op.Name!.Replace(".s", "", StringComparison.Ordinal).Replace('.', ' '))
            .Replace(' ', '_'))!.GetValue(null)!;

    private void Constant(FieldInfo field, int site) {
        object? value = field.IsInitOnly && field.FieldType.IsPrimitive ? field.GetValue(null) : null;
        switch (value) {
            case float f: Add(OpCodes.Ldc_R4, f, site); break;
            case double d: Add(OpCodes.Ldc_R8, d, site); break;
            case long l: Add(OpCodes.Ldc_I8, l, site); break;
            case ulong u: Add(OpCodes.Ldc_I8, (long)u, site); break;
            case uint u: Add(OpCodes.Ldc_I4, (int)u, site); break;
            case bool or byte or sbyte or short or ushort or char or int:
                Add(OpCodes.Ldc_I4, Convert.ToInt32(value, CultureInfo.InvariantCulture), site);
                break;
            default:
                throw body.Refuse(
                    $"K4: the static field {field.DeclaringType?.Name}.{field.Name}: only constants and readonly numbers are known to a kernel",
                    site);
        }
    }

    private void Call(RawInstruction raw, Type? constrained, int site) {
        if (raw.Operand is not MethodBase method) throw body.Refuse("K3: a call through a function pointer", site);
        if (constrained is not null) {
            method = KernelRules.Implementation(constrained, (MethodInfo)method)
                ?? throw body.Refuse($"K5: {constrained.Name} has no code of its own for {method.Name}", site);
        } else if (raw.Op == OpCodes.Callvirt && method is { DeclaringType.IsValueType: false }) {
            throw body.Refuse($"K5: a call of {method.DeclaringType?.Name}.{method.Name} on an object", site, method);
        }
        if (raw.Op == OpCodes.Newobj && method.DeclaringType is { IsValueType: false })
            throw body.Refuse($"K2: new {method.DeclaringType.Name}: kernels cannot make objects", site);
        if (method.DeclaringType!.Name == KernelRules.CudaAsm) {
            if (method.GetParameters() is [] && method.Name == "get_IsSupported") Add(OpCodes.Ldc_I4, 0, site);
            foreach (ParameterInfo _ in method.GetParameters()) Add(OpCodes.Pop, null, site);
            return;
        }
        if (KernelRules.IsForeign(method)) {
            if (KernelRules.Refusal(method) is { } refusal) throw body.Refuse(refusal, site, method);
            Add(raw.Op == OpCodes.Newobj ? raw.Op : OpCodes.Call, method, site);
            return;
        }
        ParameterInfo[] parameters = method.GetParameters();
        int instance = method.IsStatic ? 0 : 1, made = -1;
        int[] arguments = new int[parameters.Length + instance];
        if (raw.Op == OpCodes.Newobj) {
            made = Local(method.DeclaringType!, site);
            arguments[0] = addresses.Of([new(OpCodes.Ldloca, made, site)]);
        }
        addresses.Take(body.Code, method, arguments.AsSpan(made < 0 ? 0 : 1));
        for (int p = parameters.Length - 1; p >= -instance; p--) {
            int at = p + instance;
            if (arguments[at] < 0) continue;
            arguments[at] = Local(p < 0 ? method.DeclaringType!.MakeByRefType() : parameters[p].ParameterType, site);
            Add(OpCodes.Stloc, arguments[at], site);
        }
        if (made >= 0) {
            Add(OpCodes.Ldloca, made, site);
            Add(OpCodes.Initobj, method.DeclaringType, site);
        }
        Inline(method, arguments, site);
        if (made >= 0) Add(OpCodes.Ldloc, made, site);
    }

    /// <summary>Loads what an argument is: a local, or a place known to the caller.</summary>
    private void Load(int argument, int site) {
        if (argument >= 0) Add(OpCodes.Ldloc, argument, site);
        else foreach (Instruction one in addresses[argument]) Add(one.Op, one.Operand, site);
    }
}
