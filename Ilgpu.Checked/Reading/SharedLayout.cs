using System.Reflection;
using System.Reflection.Emit;

namespace ILGPU.Checking;

/// <summary>Where a kernel's shared arrays lie: fixed for each allocation when the kernel is read, as on a device.</summary>
/// <param name="Places">The offset and number of elements of each call that allocates.</param>
/// <param name="Bytes">What they take together.</param>
internal sealed record SharedLayout(IReadOnlyDictionary<Instruction, (int Offset, int Count)> Places, int Bytes) {
    /// <summary>The shared memory of a group, as CUDA gives it statically.</summary>
    public const int MostBytes = 48 * 1024;

    public static SharedLayout None { get; } = new(new Dictionary<Instruction, (int, int)>(), 0);

    /// <exception cref="InternalCompilerException">A size is not known, there is too much, or it is allocated in a loop.</exception>
    public static SharedLayout Of(KernelBody body) {
        var places = new Dictionary<Instruction, (int Offset, int Count)>();
        KernelFlow? flow = null;
        int bytes = 0, smallest = int.MaxValue, largest = 0;
        foreach (Instruction instruction in body.Code) {
            if (instruction is not { Before: not null, Operand: MethodInfo called }
                || called.DeclaringType != typeof(SharedMemory)) continue;
            int size = KernelRules.SizeOf(called.GetGenericArguments()[0]);
            if (called.Name == nameof(SharedMemory.GetDynamic)) {
                (smallest, largest) = (Math.Min(smallest, size), Math.Max(largest, size));
                if (smallest < 4 && largest >= 4) throw body.Refuse(
                    "dynamic shared memory as elements both under and over four bytes, which cannot be checked", instruction.Site);
                continue;
            }
            flow ??= new KernelFlow(body);
            if (flow.Loops(instruction)) throw body.Refuse("K16: shared memory is allocated in a loop", instruction.Site);
            int offset = (bytes + 15) / 16 * 16, count = called.GetParameters().Length == 1 ? Size(body, instruction) : 1;
            bytes = checked(offset + size * count);
            places.Add(instruction, (offset, count));
            if (bytes > MostBytes)
                throw body.Refuse($"K16: {bytes} bytes of shared memory, where a group has {MostBytes}", instruction.Site);
        }
        return places.Count == 0 ? None : new SharedLayout(places, bytes);
    }

    /// <summary>Names the array that a byte belongs to, as the source does if it has a variable for it: <c>shared memory 'tile' byte 16 of
    /// 1024</c>.</summary>
    public string Describe(KernelBody body, int offset) {
        foreach ((Instruction instruction, (int start, int count)) in Places) {
            int bytes = count * KernelRules.SizeOf(((MethodInfo)instruction.Operand!).GetGenericArguments()[0]);
            if (offset < start || offset >= start + bytes) continue;
            (MethodBase method, int at, _) = body.Sites[instruction.Site];
            string? name = KernelSites.VariableSetAfter(method, at);
            return $"shared memory {(name is null ? "" : $"'{name}' ")}byte {offset - start} of {bytes}";
        }
        return offset < Bytes ? $"shared memory byte {offset}" : $"dynamic shared memory byte {offset - (Bytes + 15) / 16 * 16}";
    }

    private static int Size(KernelBody body, Instruction instruction) {
        int at = instruction.Index - 1;
        while (body.Code[at].Is(OpCodes.Nop) || body.Code[at].Operand is MethodInfo { Name: "op_Implicit" }) at--;
        if (!body.Code[at].Is(OpCodes.Ldc_I4)) throw body.Refuse("K16: the size of shared memory is no literal", instruction.Site);
        return (int)body.Code[at].Operand!;
    }
}
