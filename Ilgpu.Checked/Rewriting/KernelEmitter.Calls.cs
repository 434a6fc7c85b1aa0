using System.Reflection;
using System.Reflection.Emit;

namespace ILGPU.Checking;

internal sealed partial class KernelEmitter {
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
        } else if (KernelCalls.Wait(called) is { } kind) {
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
        if (!instance.Type.IsByRef || !Checks(instance)) return;
        LocalBuilder[] arguments = [.. parameters.Select(parameter => Take(parameter.ParameterType))];
        for (int p = arguments.Length - 1; p >= 0; p--) il.Emit(OpCodes.Stloc, arguments[p]);
        Checked(LoadCheck, called.DeclaringType!, site);
        foreach (LocalBuilder argument in arguments) il.Emit(OpCodes.Ldloc, argument);
        foreach (LocalBuilder argument in arguments) Give(argument);
    }

    private void AtomicCall(MethodInfo called, int site) {
        if (!checks) {
            il.Emit(OpCodes.Call, called);
            return;
        }
        ParameterInfo[] parameters = called.GetParameters();
        LocalBuilder[] values = [.. parameters.Skip(1).Select(parameter => Take(parameter.ParameterType))];
        for (int v = values.Length - 1; v >= 0; v--) il.Emit(OpCodes.Stloc, values[v]);
        Checked(AtomicCheck, parameters[0].ParameterType.GetElementType()!, site);
        ZeroInBuffer(values);
        foreach (LocalBuilder value in values) il.Emit(OpCodes.Ldloc, value);
        foreach (LocalBuilder value in values) Give(value);
        il.Emit(OpCodes.Call, called);
    }

    private void Shared(Instruction instruction, MethodInfo called) {
        Type type = called.GetGenericArguments()[0];
        if (called.Name == nameof(SharedMemory.GetDynamic)) {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Call, Intrinsics.Context(nameof(ThreadContext.DynamicView)).MakeGenericMethod(type));
            return;
        }
        (int offset, int count) = body.Shared.Places[instruction];
        if (called.GetParameters().Length == 1) il.Emit(OpCodes.Pop);
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
