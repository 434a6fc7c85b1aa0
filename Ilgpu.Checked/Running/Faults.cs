using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ILGPU.Runtime;

namespace ILGPU.Checking;

/// <summary>The messages of faults: the rule, what happened, where in memory, and which thread of which kernel at which line.</summary>
internal static unsafe class Faults {
    public static InvalidKernelOperationException NotInKernel() => new();

    [DoesNotReturn]
    public static void Index(long index, long length, Type type, int buffer, byte* view) =>
        Throw($"index: index {index} is outside view of {length} {type.Name} "
            + (buffer == Buffers.Shared && ThreadContext.Current is { Kernel: not null } context
                ? $"that starts at {Place((nuint)view - context.Base, context)}" : $"in {Place(buffer)}"));

    [DoesNotReturn]
    public static void SubView(long index, long length, long have, Type type, int buffer) =>
        Throw($"index: {length} elements from index {index} on are outside view of {have} {type.Name} in {Place(buffer)}");

    [DoesNotReturn]
    public static void Misaligned(byte* address, int alignment, Type type, int buffer) {
        MemoryBuffer? whole = Buffers.TryFind(buffer);
        string at = whole is null ? "" : $" byte {address - (byte*)whole.NativePtr} of";
        Throw($"misaligned: {type.Name} needs an address that is a multiple of {alignment}, the view starts at{at} {Place(buffer)}");
    }

    [DoesNotReturn]
    public static void NarrowCast(Type from, Type to, int buffer) =>
        Throw($"narrow cast: {from.Name} to {to.Name} of under four bytes in {Place(buffer)} cannot be checked; allocate it as {to.Name}");

    /// <summary>A fault at a byte of the arena.</summary>
    [DoesNotReturn]
    public static void At(nuint offset, string rule, ThreadContext context, int site) {
        context.Site = site;
        Throw($"{rule}: {Place(offset, context)}");
    }

    [DoesNotReturn]
    public static void Throw(string what) {
        ThreadContext? context = ThreadContext.Current;
        if (context?.Kernel is not { } kernel) throw new KernelFaultException(what);
        throw new KernelFaultException(string.Create(CultureInfo.InvariantCulture,
            $"{what}; kernel {kernel.Name}, group {context.Group}, thread {context.Thread}, barrier interval {context.Interval}, "
            + $"at {kernel.Code.Where(context.Site)}"));
    }

    private static string Place(int buffer) => buffer switch {
        0 => "an empty view",
        Buffers.Shared => "shared memory",
        _ => Label(buffer),
    };

    private static string Place(nuint offset, ThreadContext context) {
        if (context.Arena.IsShared(offset)) {
            int at = (int)(offset < context.MainSize ? offset : offset - context.MainSize);
            return context.Kernel?.Code.SharedPlace(at) ?? $"shared memory byte {at}";
        }
        nint address = (nint)context.Arena.Base + (nint)offset;
        if (Buffers.At(address) is { } buffer)
            return $"{Label(buffer.Number)} byte {address - buffer.NativePtr} of {buffer.LengthInBytes}";
        (int number, nint start, long bytes) = Buffers.GoneFrom(address);
        return number == 0 ? "memory of no buffer" : $"{Label(number)} byte {address - start} of {bytes}";
    }

    /// <summary>ILGPU's buffers have no names: the parameter that the running kernel got the buffer by serves.</summary>
    private static string Label(int buffer) {
        string? name = ThreadContext.Current?.Kernel?.ParameterOf(buffer);
        return name is null ? $"buffer {buffer}" : $"buffer '{name}'";
    }
}
