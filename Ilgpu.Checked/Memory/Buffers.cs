using System.Collections.Concurrent;
using ILGPU.Runtime;

namespace ILGPU.Checking;

/// <summary>The living buffers by number: views hold the number, since they must be unmanaged.</summary>
internal static class Buffers {
    private static readonly ConcurrentDictionary<int, MemoryBuffer> Living = new();
    private static readonly ConcurrentQueue<(int Number, nint Start, long Bytes)> Gone = new();
    private static int last;

    /// <summary>How many of the buffers disposed last are known by their addresses.</summary>
    private const int MostGone = 256;

    /// <summary>The number in views of shared memory.</summary>
    public const int Shared = -1;

    public static int Add(MemoryBuffer buffer) {
        int number = Interlocked.Increment(ref last);
        Living[number] = buffer;
        return number;
    }

    public static void Remove(MemoryBuffer buffer) {
        if (!Living.TryRemove(buffer.Number, out _)) return;
        Gone.Enqueue((buffer.Number, buffer.NativePtr, buffer.LengthInBytes));
        while (Gone.Count > MostGone) Gone.TryDequeue(out _);
    }

    /// <summary>The buffer that was at an address, if it is not long ago; 0 if none is known.</summary>
    public static (int Number, nint Start, long Bytes) GoneFrom(nint address) =>
        Gone.LastOrDefault(buffer => address >= buffer.Start && address < buffer.Start + buffer.Bytes);

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
