using System.Reflection;
using System.Runtime.CompilerServices;

namespace ILGPU.Checking;

/// <summary>Runs one thread of a rewritten kernel from a state (0: the start) to its end (0 again) or to a barrier (its number).</summary>
internal unsafe delegate int KernelStep(ThreadContext context, byte* frame, int state);

/// <summary>A place where threads wait for each other.</summary>
/// <param name="Site">Its place in the source.</param>
/// <param name="OfWarp">Whether only the lanes of a warp wait.</param>
internal readonly record struct Suspension(int Site, bool OfWarp);

/// <summary>A kernel rewritten with checks: made once for each closed method.</summary>
internal sealed class KernelCode {
    private static readonly ConditionalWeakTable<MethodInfo, Dictionary<(bool PerIndex, bool Checks), KernelCode>> Known = [];
    private readonly KernelBody body;

    private KernelCode(MethodInfo root, bool perIndex, bool checks, KernelDamage? damage = null) {
        body = KernelReader.Read(root, perIndex);
        KernelPruning.Prune(body);
        var emitter = new KernelEmitter(body, checks, damage);
        Step = emitter.Emit();
        (FrameBytes, SharedBytes, Suspensions) = (emitter.FrameBytes, body.Shared.Bytes, emitter.Suspensions);
        (ParameterOffsets, ArgumentBytes) = Layout(root);
    }

    public KernelStep Step { get; }

    /// <summary>What a thread must keep over barriers.</summary>
    public int FrameBytes { get; }

    public int SharedBytes { get; }

    /// <summary>The barriers; state k waits at the one before, k - 1.</summary>
    public IReadOnlyList<Suspension> Suspensions { get; }

    public int[] ParameterOffsets { get; }

    public int ArgumentBytes { get; }

    /// <summary>The rewritten kernel, made now or before.</summary>
    /// <exception cref="InternalCompilerException">The kernel does what no device takes; the message says where.</exception>
    public static KernelCode Of(MethodInfo root, bool perIndex, bool checks, KernelDamage? damage = null) {
        if (damage?.Kernel == root) return new KernelCode(root, perIndex, checks, damage);
        lock (Known) {
            Dictionary<(bool, bool), KernelCode> forms = Known.GetOrCreateValue(root);
            if (!forms.TryGetValue((perIndex, checks), out KernelCode? code))
                forms[(perIndex, checks)] = code = new KernelCode(root, perIndex, checks);
            return code;
        }
    }

    public string Where(int site) => body.Where(site);

    /// <summary>The shared array that a byte of shared memory belongs to.</summary>
    public string SharedPlace(int offset) => body.Shared.Describe(body, offset);

    /// <summary>Where each parameter lies in the argument block.</summary>
    public static (int[] Offsets, int Bytes) Layout(MethodInfo root) {
        ParameterInfo[] parameters = root.GetParameters();
        int[] offsets = new int[parameters.Length];
        int at = 0;
        for (int i = 0; i < offsets.Length; i++) {
            offsets[i] = at;
            at += (KernelRules.SizeOf(parameters[i].ParameterType) + 15) / 16 * 16;
        }
        return (offsets, at);
    }
}
