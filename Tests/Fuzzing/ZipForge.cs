using System.Buffers.Binary;
using System.IO.Compression;

namespace DenseEngine.Tests;

/// <summary>Damages PyTorch's archives from within: the records, in an archive that is sound.</summary>
internal static class ZipForge {
    /// <summary>Opcodes and names of a pickle, to be put into another.</summary>
    public static byte[][] Words { get; } =
        Mutator.Texts("}q\0", "]", ")", "(", "t", "R", "b", "0", "2", "N", "s", "u", "a", "Q", ".", "h\0", "h\u0005",
        "q\u0003", "K\0", "K\u0002", "M\0\u0001", "J\u007f\u007f\u007f\u007f", "I01\n", "L7L\n", "F1.5\n", "X\u0001\0\0\0w",
            "cbuiltins\nprint\n",
        "ctorch\nFloatStorage\n", "ctorch\nHalfStorage\n", "ctorch\nLongStorage\n", "ctorch\nUntypedStorage\n", "ctorch\nSize\n",
        "ccollections\nOrderedDict\n)R", "ctorch._utils\n_rebuild_tensor_v2\n");

    /// <summary>A copy with damaged records.</summary>
    public static byte[] Forge(byte[] seed, byte[] other, Mutator mutator) {
        Random random = mutator.Random;
        List<Item> items = Read(seed), others = Read(other);
        int changes = random.Next(1, 3);
        for (int i = 0; i < changes && items.Count > 0; i++) {
            int at = random.Next(2) == 0 ? Math.Max(0, items.FindIndex(item => item.Name.EndsWith("data.pkl", StringComparison.Ordinal)))
                : random.Next(items.Count);
            switch (random.Next(10)) {
                case 0: items[at] = items[at] with { Deflated = !items[at].Deflated }; break;
                case 1: items.RemoveAt(at); break;
                case 2: items.Insert(at, others[random.Next(others.Count)]); break;
                case 3: items[at] = items[at] with { Name = items[at].Name + (char)random.Next(32, 127) }; break;
                case 4: (items[at], items[0]) = (items[0], items[at]); break;
                default:
                    items[at] = items[at] with { Data = mutator.Mutate(items[at].Data, others[random.Next(others.Count)].Data, Words) };
                    break;
            }
        }
        return Write(items);
    }

    /// <summary>A copy in which the configuration's text, or anything else, is damaged.</summary>
    public static byte[] ForgeConfig(byte[] seed, byte[] other, Mutator mutator) {
        List<Item> items = Read(seed);
        int at = items.FindIndex(item => item.Name.EndsWith("data.pkl", StringComparison.Ordinal));
        byte[] pickle = items[at].Data;
        using CheckpointFile file = CheckpointFile.Open(new MemoryStream(seed));
        byte[] text = System.Text.Encoding.UTF8.GetBytes(file.Text("meta/config") ?? file.Text("meta/cfg") ?? "");
        int start = pickle.AsSpan().IndexOf(text);
        byte[] damaged = mutator.Mutate(text, text, ConfigTexts.Words), length = new byte[4];
        // A text of a pickle: its length in four bytes, and UTF-8.
        BinaryPrimitives.WriteInt32LittleEndian(length, damaged.Length);
        items[at] = items[at] with { Data = [.. pickle[..(start - 4)], .. length, .. damaged, .. pickle[(start + text.Length)..]] };
        return mutator.Random.Next(4) == 0 ? Forge(Write(items), other, mutator) : Write(items);
    }

    private static List<Item> Read(byte[] file) {
        var items = new List<Item>();
        using var archive = new ZipArchive(new MemoryStream(file));
        foreach (ZipArchiveEntry entry in archive.Entries) {
            var data = new MemoryStream();
            using Stream stream = entry.Open();
            stream.CopyTo(data);
            items.Add(new Item(entry.FullName, data.ToArray(), entry.CompressedLength != entry.Length));
        }
        return items;
    }

    private static byte[] Write(List<Item> items) {
        var file = new MemoryStream();
        using (var archive = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true)) {
            foreach (Item item in items) {
                ZipArchiveEntry entry = archive.CreateEntry(item.Name, item.Deflated ? CompressionLevel.Fastest
                    : CompressionLevel.NoCompression);
                entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);   // the same bytes at any time
                using Stream stream = entry.Open();
                stream.Write(item.Data);
            }
        }
        return file.ToArray();
    }

    private sealed record Item(string Name, byte[] Data, bool Deflated);
}
