using System.Buffers.Binary;

namespace DenseEngine.Tests;

/// <summary>Damages the header of safetensors files, whose length is then put right.</summary>
internal static class HeaderForge {
    /// <summary>Words of a header.</summary>
    public static byte[][] Words { get; } = Mutator.Texts(
        "\"dtype\":", "\"shape\":[", "\"data_offsets\":[", "\"__metadata__\":", "\"F32\"", "\"BF16\"", "\"I64\"", "\"F8_E4M3\"", "[]", "{}",
            "null", "-1", "-0",
        "0", "1.0", "1e2", "99999999999999999999", "9223372036854775807", "4611686018427387904", " ", ",", ":", "}", "{", "\\ud800",
            "\\u0000", "\"x\":1,");

    /// <summary>A copy with a damaged header and, at times, more or less data.</summary>
    public static byte[] Forge(byte[] seed, byte[] other, Mutator mutator) {
        Random random = mutator.Random;
        byte[] header = mutator.Mutate(Header(seed), Header(other), Words), data = seed[(8 + Header(seed).Length)..];
        if (random.Next(4) == 0)
            data = random.Next(2) == 0 ? data[..random.Next(data.Length + 1)] : [.. data, .. new byte[random.Next(64)]];
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        return [.. length, .. header, .. data];
    }

    private static byte[] Header(byte[] file) => file[8..(8 + (int)BinaryPrimitives.ReadInt64LittleEndian(file))];
}
