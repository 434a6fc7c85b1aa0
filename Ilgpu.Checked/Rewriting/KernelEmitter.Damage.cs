using System.Reflection;
using System.Reflection.Emit;

namespace ILGPU.Checking;

/// <summary>Planted bugs.</summary>
internal sealed partial class KernelEmitter {
    private static readonly MethodInfo InBuffer = Intrinsics.Context(nameof(ThreadContext.InBuffer));
    private static readonly MethodInfo InShared = Intrinsics.Context(nameof(ThreadContext.InShared));

    /// <summary>Whether a barrier is left out.</summary>
    private bool IsLeftOut(Instruction wait) => damage is { Kind: DamageKind.NoBarrier, Barrier: var barrier }
        && body.Sites[wait.Site] is var site && (site.Method, site.Offset) == barrier && body.Barriers.Contains(wait);

    /// <summary>With an address on the stack: drops it and goes to the label that is given, if stores to it are left out.</summary>
    private Label? SkipInShared() {
        if (damage is not { Kind: DamageKind.NoSharedStores }) return null;
        Label end = il.DefineLabel(), whole = il.DefineLabel();
        Ask(InShared);
        il.Emit(OpCodes.Brfalse, whole);
        il.Emit(OpCodes.Pop);
        il.Emit(OpCodes.Br, end);
        il.MarkLabel(whole);
        return end;
    }

    /// <summary>With an address on the stack: sets what is to be stored there to zero, if that is the bug.</summary>
    private void ZeroInBuffer(LocalBuilder[] values) {
        if (damage is not { Kind: DamageKind.ZeroStores }) return;
        Label whole = il.DefineLabel();
        Ask(InBuffer);
        il.Emit(OpCodes.Brfalse, whole);
        foreach (LocalBuilder value in values) {
            il.Emit(OpCodes.Ldloca, value);
            il.Emit(OpCodes.Initobj, value.LocalType);
        }
        il.MarkLabel(whole);
    }

    private void Ask(MethodInfo where) {
        LocalBuilder address = Take(typeof(nuint));
        il.Emit(OpCodes.Dup);
        il.Emit(OpCodes.Conv_U);
        il.Emit(OpCodes.Stloc, address);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldloc, address);
        il.Emit(OpCodes.Call, where);
        Give(address);
    }
}
