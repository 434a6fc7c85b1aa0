using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Arm = System.Runtime.Intrinsics.Arm;

namespace DenseEngine;

/// <summary>The checksum of PNG's chunks and of zip's records: CRC-32 of polynomial 0xEDB88320, reflected (ISO 3309). Sixty-four bytes a
/// step by carry-less products where the processor has them, its own instruction on ARM, otherwise eight bytes a step by tables.</summary>
public static class Crc32 {
    private static readonly uint[] Tables = MakeTables();

    /// <summary>The checksum of bytes that lie in one piece.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>The checksum of some bytes and these behind them.</summary>
    /// <param name="crc">The checksum so far; 0 before the first byte.</param>
    /// <param name="bytes">What follows.</param>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes) {
        crc = ~crc;
        if (Pclmulqdq.IsSupported && BitConverter.IsLittleEndian && bytes.Length >= 64) {
            int folded = bytes.Length & ~15;
            crc = Fold(crc, bytes[..folded]);
            bytes = bytes[folded..];
        } else if (Arm.Crc32.Arm64.IsSupported && BitConverter.IsLittleEndian) {
            for (; bytes.Length >= 8; bytes = bytes[8..])
                crc = Arm.Crc32.Arm64.ComputeCrc32(crc, MemoryMarshal.Read<ulong>(bytes));
        }
        return ~ByTables(crc, bytes);
    }

    private static uint ByTables(uint crc, ReadOnlySpan<byte> bytes) {
        uint[] tables = Tables;
        for (; bytes.Length >= 8; bytes = bytes[8..]) {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(bytes) ^ crc;
            crc = 0;
            for (int i = 0; i < 8; i++) crc ^= tables[256 * (7 - i) + (byte)(word >> (8 * i))];
        }
        foreach (byte value in bytes) crc = tables[(byte)(crc ^ value)] ^ (crc >> 8);
        return crc;
    }

    /// <summary>The remainder of a whole number of 16-byte blocks, at least four: four of them are carried along, each moved 64 bytes on by
    /// two carry-less products with powers of x modulo the polynomial; then they are merged, and the last one is reduced by the tables
    /// (Gopal and others, "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009).</summary>
    private static uint Fold(uint crc, ReadOnlySpan<byte> bytes) {
        Vector128<long> by64 = Vector128.Create(0x154442bd4L, 0x1c6e41596L), by16 = Vector128.Create(0x1751997d0L, 0x0ccaa009eL);
        Vector128<long> a = Block(bytes, 0) ^ Vector128.CreateScalar((long)crc), b = Block(bytes, 16), c = Block(bytes, 32),
            d = Block(bytes, 48);
        for (bytes = bytes[64..]; bytes.Length >= 64; bytes = bytes[64..]) {
            a = Move(a, by64) ^ Block(bytes, 0);
            b = Move(b, by64) ^ Block(bytes, 16);
            c = Move(c, by64) ^ Block(bytes, 32);
            d = Move(d, by64) ^ Block(bytes, 48);
        }
        a = Move(a, by16) ^ b;
        a = Move(a, by16) ^ c;
        a = Move(a, by16) ^ d;
        for (; bytes.Length >= 16; bytes = bytes[16..]) a = Move(a, by16) ^ Block(bytes, 0);
        Span<byte> last = stackalloc byte[16];
        a.AsByte().CopyTo(last);
        return ByTables(0, last);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<long> Block(ReadOnlySpan<byte> bytes, int offset) => Vector128.Create(bytes.Slice(offset, 16)).AsInt64();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<long> Move(Vector128<long> block, Vector128<long> powers) =>
        Pclmulqdq.CarrylessMultiply(block, powers, 0x00) ^ Pclmulqdq.CarrylessMultiply(block, powers, 0x11);

    private static uint[] MakeTables() {
        var tables = new uint[8 * 256];
        for (uint value = 0; value < 256; value++) {
            uint crc = value;
            for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320u);
            tables[value] = crc;
        }
        for (int i = 256; i < tables.Length; i++) tables[i] = tables[(byte)tables[i - 256]] ^ (tables[i - 256] >> 8);
        return tables;
    }
}
