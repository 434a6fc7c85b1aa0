using ILGPU.Runtime;

namespace ILGPU.Checking;

/// <summary>For pools, which keep blocks for reuse: without a word from them, a kernel that forgets to write would find what the block's
/// last user wrote.</summary>
internal static unsafe class Recycling {
    /// <summary>The block waits in a pool: any access is a use after free.</summary>
    public static void Kept(MemoryBuffer block) => Mark(block, Shadow.Freed);

    /// <summary>The block is given out again: nothing of it is written.</summary>
    public static void Reused(MemoryBuffer block) => Mark(block, 0);

    private static void Mark(MemoryBuffer block, ulong stamp) {
        if (!block.IsDisposed) block.Accelerator.Arena.Mark((byte*)block.NativePtr, block.LengthInBytes, stamp);
    }
}
