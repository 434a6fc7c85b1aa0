using System.Reflection;
using System.Reflection.Emit;

namespace ILGPU.Checking;

/// <summary>Barriers. A thread that waits saves what it needs later to its frame and returns the barrier's number; called again with
/// that number it restores all and goes on.</summary>
internal sealed partial class KernelEmitter {
    private readonly List<Suspension> suspensions = [];
    private Instruction[] waits = [];
    private Label[] resumes = [];
    private Dictionary<Instruction, ulong[]> live = [];
    private int[] frameOffsets = [];
    private bool[] inFrame = [];   // locals that live in the frame for good
    private bool[] fixedArguments = [];   // parameters that never change: loaded anew, not saved
    private int spillStart;

    /// <summary>The bytes that a thread's frame takes.</summary>
    public int FrameBytes { get; private set; }

    /// <summary>The barriers, in the order of their numbers.</summary>
    public IReadOnlyList<Suspension> Suspensions => suspensions;

    private void PlanFrame() {
        waits = [.. body.Waits.Where(wait => !IsLeftOut(wait))];
        live = KernelLiveness.After(body, waits);
        frameOffsets = new int[body.Locals.Count];
        inFrame = new bool[body.Locals.Count];
        fixedArguments = new bool[body.Locals.Count];
        var changed = body.Code.Where(i => i.Is(OpCodes.Stloc) || i.Is(OpCodes.Ldloca)).Select(i => i.Local).ToHashSet();
        for (int p = 0; p < body.Parameters; p++) fixedArguments[p] = !changed.Contains(p);
        if (waits.Any(HoldsPrivateAddress))
            foreach (Instruction taken in body.Code.Where(i => i.Is(OpCodes.Ldloca))) inFrame[taken.Local] = true;
        for (int local = 0; local < frameOffsets.Length; local++) {
            if (!inFrame[local] && !waits.Any(wait => KernelLiveness.Contains(live[wait], local))) continue;
            frameOffsets[local] = FrameBytes;
            FrameBytes += FrameSize(body.Locals[local]);
        }
        spillStart = FrameBytes;
        resumes = new Label[waits.Length];
    }

    /// <summary>Whether the address of a private local is kept over a wait: then such locals must not move, and live in the
    /// frame.</summary>
    private bool HoldsPrivateAddress(Instruction wait) {
        for (int local = 0; local < body.Locals.Count; local++)
            if (body.Locals[local].IsByRef && KernelLiveness.Contains(live[wait], local)
                && body.Code.Any(i => i.Is(OpCodes.Stloc) && i.Local == local && i.Before is { Private: true })) return true;
        for (Slot? slot = wait.Before; slot is not null; slot = slot.Below)
            if (slot.Private) return true;
        return false;
    }

    private static int FrameSize(Type type) => type.IsByRef ? 16 : (KernelRules.SizeOf(type) + 15) / 16 * 16;

    private void Prologue() {
        int[] offsets = KernelCode.Layout(body.Root).Offsets;
        for (int p = 0; p < body.Parameters; p++)
            if (fixedArguments[p]) LoadArgument(p, offsets[p]);
        for (int w = 0; w < resumes.Length; w++) resumes[w] = il.DefineLabel();
        if (resumes.Length > 0) {
            il.Emit(OpCodes.Ldarg_2);
            il.Emit(OpCodes.Ldc_I4_1);
            il.Emit(OpCodes.Sub);
            il.Emit(OpCodes.Switch, resumes);
        }
        for (int p = 0; p < body.Parameters; p++)
            if (!fixedArguments[p]) LoadArgument(p, offsets[p]);
    }

    private void LoadArgument(int parameter, int offset) {
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldfld, ArgumentsField);
        il.Emit(OpCodes.Ldc_I4, offset);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Ldobj, body.Locals[parameter]);
        StoreLocal(parameter);
    }

    private void LoadLocal(int local) {
        if (!inFrame[local]) {
            il.Emit(OpCodes.Ldloc, locals[local]!);
            return;
        }
        FrameAddress(frameOffsets[local]);
        il.Emit(OpCodes.Ldobj, body.Locals[local]);
    }

    private void LoadLocalAddress(int local) {
        if (inFrame[local]) FrameAddress(frameOffsets[local]);
        else il.Emit(OpCodes.Ldloca, locals[local]!);
    }

    private void StoreLocal(int local) {
        il.Emit(OpCodes.Stloc, locals[local]!);
        if (!inFrame[local]) return;
        FrameAddress(frameOffsets[local]);
        il.Emit(OpCodes.Ldloc, locals[local]!);
        il.Emit(OpCodes.Stobj, body.Locals[local]);
    }

    private void FrameAddress(int offset) {
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Ldc_I4, offset);
        il.Emit(OpCodes.Add);
    }

    private void Wait(Instruction instruction, MethodInfo called, WaitKind kind, Slot stack) {
        if (IsLeftOut(instruction)) {
            if (kind == WaitKind.GroupExchange) il.Emit(OpCodes.Pop);   // the number of the thread whose value it was to be
            return;
        }
        Slot below = stack;
        for (int p = 0; p < called.GetParameters().Length; p++) below = below.Below!;
        switch (kind) {
            case WaitKind.And or WaitKind.Or or WaitKind.PopCount:
                LocalBuilder vote = Take(typeof(int));
                il.Emit(OpCodes.Stloc, vote);
                il.Emit(OpCodes.Ldarg_0);
                il.Emit(OpCodes.Ldloc, vote);
                il.Emit(OpCodes.Call, Intrinsics.Context(nameof(ThreadContext.Vote)));
                Give(vote);
                break;
            case WaitKind.GroupExchange or WaitKind.WarpExchange: Offer(instruction, called); break;
        }
        Suspend(instruction, below, kind is WaitKind.WarpBarrier or WaitKind.WarpExchange);
        string? result = kind switch {
            WaitKind.And => nameof(ThreadContext.AllVoted),
            WaitKind.Or => nameof(ThreadContext.AnyVoted),
            WaitKind.PopCount => nameof(ThreadContext.Votes),
            WaitKind.GroupExchange or WaitKind.WarpExchange => nameof(ThreadContext.Take),
            _ => null,
        };
        if (result is null) return;
        MethodInfo take = Intrinsics.Context(result);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Call, take.IsGenericMethodDefinition ? take.MakeGenericMethod(called.ReturnType) : take);
    }

    private void Offer(Instruction instruction, MethodInfo called) {
        Type type = called.ReturnType;
        if (KernelRules.SizeOf(type) > ThreadContext.ExchangeBytes)
            throw body.Refuse($"an exchange of {type.Name}, over {ThreadContext.ExchangeBytes} bytes", instruction.Site);
        LocalBuilder argument = Take(typeof(int)), value = Take(type);
        NoteSite(instruction.Site);
        il.Emit(OpCodes.Stloc, argument);
        il.Emit(OpCodes.Stloc, value);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldloc, value);
        il.Emit(OpCodes.Ldloc, argument);
        il.Emit(OpCodes.Ldc_I4, (int)Intrinsics.Exchange(called));
        il.Emit(OpCodes.Call, Intrinsics.Context(nameof(ThreadContext.Offer)).MakeGenericMethod(type));
        Give(argument);
        Give(value);
    }

    private void Suspend(Instruction instruction, Slot stack, bool ofWarp) {
        int number = suspensions.Count, spill = spillStart;
        suspensions.Add(new Suspension(instruction.Site, ofWarp));
        var slots = new Stack<(Type Type, int Offset)>();
        for (Slot slot = stack; slot.Below is not null; slot = slot.Below) {
            Type type = slot.Type.IsByRef ? typeof(nint) : slot.Type;
            LocalBuilder value = Take(type);
            if (slot.Type.IsByRef) il.Emit(OpCodes.Conv_U);
            il.Emit(OpCodes.Stloc, value);
            FrameAddress(spill);
            il.Emit(OpCodes.Ldloc, value);
            il.Emit(OpCodes.Stobj, type);
            Give(value);
            slots.Push((type, spill));
            spill += FrameSize(type);
        }
        FrameBytes = Math.Max(FrameBytes, spill);
        int[] kept = [.. Enumerable.Range(0, locals.Length).Where(
            local => !inFrame[local] && !fixedArguments[local] && KernelLiveness.Contains(live[instruction], local))];
        foreach (int local in kept) {
            bool address = body.Locals[local].IsByRef;
            FrameAddress(frameOffsets[local]);
            il.Emit(OpCodes.Ldloc, locals[local]!);
            if (address) il.Emit(OpCodes.Conv_U);
            il.Emit(OpCodes.Stobj, address ? typeof(nint) : body.Locals[local]);
        }
        il.Emit(OpCodes.Ldc_I4, number + 1);
        il.Emit(OpCodes.Ret);
        il.MarkLabel(resumes[number]);
        foreach (int local in kept) {
            FrameAddress(frameOffsets[local]);
            il.Emit(OpCodes.Ldobj, body.Locals[local].IsByRef ? typeof(nint) : body.Locals[local]);
            il.Emit(OpCodes.Stloc, locals[local]!);
        }
        foreach ((Type type, int offset) in slots) {
            FrameAddress(offset);
            il.Emit(OpCodes.Ldobj, type);
        }
    }
}
