using System.Reflection;
using System.Reflection.Emit;

namespace ILGPU.Checking;

internal sealed partial class KernelEmitter {
    /// <summary>The shared memory that the kernel's own allocations take, in bytes: laid out when it is rewritten, as on a
    /// device.</summary>
    public int SharedBytes { get; private set; }

    private void Call(Instruction instruction, MethodBase called, Slot stack) {
        if (Intrinsics.Getter(called) is { } getter) {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Call, getter.Getter);
            if (getter.Component is not null) {
                LocalBuilder whole = Take(typeof(Index3D));
                il.Emit(OpCodes.Stloc, whole);
                il.Emit(OpCodes.Ldloca, whole);
                il.Emit(OpCodes.Call, getter.Component);
                Give(whole);
            }
        } else if (Intrinsics.Wait(called) is { } kind) {
            Wait(instruction, (MethodInfo)called, kind, stack);
        } else if (called.DeclaringType == typeof(SharedMemory)) {
            Shared(instruction, (MethodInfo)called);
        } else if (called.DeclaringType == typeof(Atomic)) {
            AtomicCall((MethodInfo)called, instruction.Site);
        } else {
            if (called.DeclaringType!.Assembly == typeof(KernelEmitter).Assembly) NoteSite(instruction.Site);
            if (!called.IsStatic && !instruction.Is(OpCodes.Newobj)) CheckInstance(called, instruction.Site, stack);
            if (called is ConstructorInfo constructor) il.Emit(instruction.Op, constructor);
            else il.Emit(OpCodes.Call, (MethodInfo)called);
        }
    }

    /// <summary>A method of a value in device memory reads it there.</summary>
    private void CheckInstance(MethodBase called, int site, Slot stack) {
        ParameterInfo[] parameters = called.GetParameters();
        Slot instance = stack;
        for (int p = 0; p < parameters.Length; p++) instance = instance.Below!;
        if (!instance.Type.IsByRef || instance.Private) return;
        LocalBuilder[] arguments = [.. parameters.Select(parameter => Take(parameter.ParameterType))];
        for (int p = arguments.Length - 1; p >= 0; p--) il.Emit(OpCodes.Stloc, arguments[p]);
        Checked(LoadCheck, called.DeclaringType!, site);
        foreach (LocalBuilder argument in arguments) il.Emit(OpCodes.Ldloc, argument);
        foreach (LocalBuilder argument in arguments) Give(argument);
    }

    private void AtomicCall(MethodInfo called, int site) {
        ParameterInfo[] parameters = called.GetParameters();
        LocalBuilder[] values = [.. parameters.Skip(1).Select(parameter => Take(parameter.ParameterType))];
        for (int v = values.Length - 1; v >= 0; v--) il.Emit(OpCodes.Stloc, values[v]);
        Checked(AtomicCheck, parameters[0].ParameterType.GetElementType()!, site);
        foreach (LocalBuilder value in values) il.Emit(OpCodes.Ldloc, value);
        foreach (LocalBuilder value in values) Give(value);
        il.Emit(OpCodes.Call, called);
    }

    private void Shared(Instruction instruction, MethodInfo called) {
        Type type = called.GetGenericArguments()[0];
        int size = KernelRules.SizeOf(type), count = 1;
        if (called.Name == nameof(SharedMemory.GetDynamic)) {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Call, Intrinsics.Context(nameof(ThreadContext.DynamicView)).MakeGenericMethod(type));
            return;
        }
        if (called.GetParameters().Length == 1) {
            int at = instruction.Index - 1;
            while (body.Code[at].Is(OpCodes.Nop) || body.Code[at].Operand is MethodInfo { Name: "op_Implicit" }) at--;
            if (!body.Code[at].Is(OpCodes.Ldc_I4)) throw body.Refuse("the size of shared memory is no literal", instruction.Site);
            count = (int)body.Code[at].Operand!;
            il.Emit(OpCodes.Pop);
        }
        int offset = (SharedBytes + 15) / 16 * 16;
        SharedBytes = offset + checked(size * count);
        if (SharedBytes > Arena.SharedBytes)
            throw body.Refuse($"{SharedBytes} bytes of shared memory, where a group has {Arena.SharedBytes}", instruction.Site);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I4, offset);
        if (called.ReturnType.IsByRef) {
            il.Emit(OpCodes.Call, Intrinsics.Context(nameof(ThreadContext.SharedVariable)).MakeGenericMethod(type));
            return;
        }
        il.Emit(OpCodes.Ldc_I4, count);
        il.Emit(OpCodes.Call, Intrinsics.Context(nameof(ThreadContext.SharedView)).MakeGenericMethod(type));
        if (called.Name == nameof(SharedMemory.Allocate1D))
            il.Emit(OpCodes.Call, typeof(ArrayView<>).MakeGenericType(type).GetMethods().First(
                m => m.Name == "op_Implicit" && m.ReturnType == called.ReturnType));
    }
}
