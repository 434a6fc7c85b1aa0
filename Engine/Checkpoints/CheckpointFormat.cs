using System.Buffers.Binary;

namespace DenseEngine;

/// <summary>Tells the formats of weights apart by their first bytes.</summary>
internal static class CheckpointFormat {
    /// <summary>Bytes enough for the magic words of all formats, the last of which is tar's.</summary>
    private const int Enough = 262;

    public static CheckpointFile Open(ByteStore store, CheckpointOptions options) {
        byte[] head = store.Read(0, Math.Min(Enough, store.Length));
        CheckpointException No(string what) => new($"{store.Name}: {what}.");
        if (head.Length == 0) throw No("the file is empty");
        if (IsSafeTensors(head) || store.Name.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
            return new SafeTensorsFile(store);
        if (head.AsSpan().StartsWith("PK"u8)) return new TorchFile(store, "PyTorch zip", TorchZip.Load(store, options));
        if (head.AsSpan().StartsWith("version https://git-lfs"u8))
            throw No("this is a Git LFS pointer; the file that it stands for was not fetched");
        if (head.Length == Enough && head.AsSpan(257).SequenceEqual("ustar"u8))
            throw No("this is PyTorch's tar format of before version 0.1.10, which is not read");
        if (head[0] == 0x80) return new TorchFile(store, "PyTorch legacy", TorchLegacy.Load(store));
        throw No("this is neither a safetensors file nor a PyTorch checkpoint");
    }

    /// <summary>A length that a header may have, and the brace that begins it.</summary>
    private static bool IsSafeTensors(ReadOnlySpan<byte> head) =>
        head.Length > 8 && head[8] == (byte)'{' && BinaryPrimitives.ReadUInt64LittleEndian(head) < 1 << 30;
}
