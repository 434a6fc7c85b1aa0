using System.Collections.Concurrent;
using ILGPU.Runtime;

namespace ILGPU.Checking;

/// <summary>The living buffers by number: views hold the number, since they must be unmanaged.</summary>
internal static class Buffers {
    private static readonly ConcurrentDictionary<int, MemoryBuffer> Living = new();
    private static int last;

    /// <summary>The number in views of shared memory.</summary>
    public const int Shared = -1;

    public static int Add(MemoryBuffer buffer) {
        int number = Interlocked.Increment(ref last);
        Living[number] = buffer;
        return number;
    }

    public static void Remove(MemoryBuffer buffer) => Living.TryRemove(buffer.Number, out _);

    public static MemoryBuffer? TryFind(int number) => Living.GetValueOrDefault(number);

    /// <exception cref="InvalidOperationException">The buffer was disposed, or the view is of none.</exception>
    public static MemoryBuffer Find(int number) =>
        TryFind(number) ?? throw new InvalidOperationException(
            "use after dispose: the view's buffer was disposed, or the view is of none.");

    /// <summary>The buffer that an address lies in.</summary>
    public static MemoryBuffer? At(nint address) =>
        Living.Values.FirstOrDefault(buffer => address >= buffer.NativePtr
            && address < buffer.NativePtr + (nint)Math.Max(1, buffer.LengthInBytes));
}
