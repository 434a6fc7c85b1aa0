using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Models;

/// <summary>
/// Writes PNG files of 8-bit RGB. Each row takes the filter (Sub, Up or Paeth) whose residues, read as signed bytes, have the smallest
/// sum of magnitudes: the choice that ISO/IEC 15948, 12.8 recommends.
/// </summary>
internal static class PngEncoder {
    private const int Step = 3;

    public static byte[] Encode(Picture picture) {
        using var file = new MemoryStream();
        file.Write(PngHeader.Signature);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, picture.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], picture.Height);
        (header[8], header[9], header[10], header[11], header[12]) = (8, (byte)PngKind.Rgb, 0, 0, 0);
        WriteChunk(file, "IHDR"u8, header);
        WriteChunk(file, "IDAT"u8, Compress(picture));
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static ReadOnlySpan<byte> Compress(Picture picture) {
        int bytes = Step * picture.Width;
        var data = new MemoryStream();
        using (var deflate = new ZLibStream(data, CompressionLevel.Fastest, leaveOpen: true)) {
            // Rows stand after one empty pixel, the left neighbour of the first. Each candidate starts with its filter byte.
            byte[] row = new byte[Step + bytes], above = new byte[Step + bytes];
            byte[] sub = new byte[1 + bytes], up = new byte[1 + bytes], paeth = new byte[1 + bytes];
            (sub[0], up[0], paeth[0]) = (1, 2, 4);
            for (int y = 0; y < picture.Height; y++) {
                PixelCopy.ToBgr(picture.Pixels.AsSpan(y * bytes, bytes), row.AsSpan(Step, bytes), PixelFormat.Rgb);
                byte[] best = sub;
                long least = Filter<Sub>(row, above, sub.AsSpan(1));
                Offer(Filter<Up>(row, above, up.AsSpan(1)), up, ref least, ref best);
                Offer(Filter<Paeth>(row, above, paeth.AsSpan(1)), paeth, ref least, ref best);
                deflate.Write(best);
                (row, above) = (above, row);
            }
        }
        return data.GetBuffer().AsSpan(0, (int)data.Length);
    }

    private static void Offer(long cost, byte[] candidate, ref long least, ref byte[] best) {
        if (cost >= least) return;
        (least, best) = (cost, candidate);
    }

    // Fills the residues of a row and returns the sum of their magnitudes. Vectors of 32 bytes; the last one overlaps the one before it
    // where the row has no multiple of 32, and counts twice: the cost is a guess anyway, and the same for all filters.
    private static long Filter<TFilter>(ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, Span<byte> residues) where TFilter : IFilter {
        int bytes = residues.Length;
        long cost = 0;
        if (bytes < Vector256<byte>.Count) {
            for (int i = 0; i < bytes; i++) {
                residues[i] = (byte)(row[i + Step] - TFilter.Predict(row[i], above[i + Step], above[i]));
                cost += Math.Abs((int)(sbyte)residues[i]);
            }
            return cost;
        }
        ref byte x = ref MemoryMarshal.GetReference(row), b = ref MemoryMarshal.GetReference(above);
        ref byte residue = ref MemoryMarshal.GetReference(residues);
        Vector256<uint> sum = default;
        for (int i = 0; i < bytes; i += Vector256<byte>.Count) {
            nuint at = (nuint)Math.Min(i, bytes - Vector256<byte>.Count);
            Vector256<byte> difference = Vector256.LoadUnsafe(ref x, at + Step)
                - TFilter.Predict(Vector256.LoadUnsafe(ref x, at), Vector256.LoadUnsafe(ref b, at + Step), Vector256.LoadUnsafe(ref b, at));
            difference.StoreUnsafe(ref residue, at);
            // Of a byte and its negative the smaller one is the magnitude.
            (Vector256<ushort> low, Vector256<ushort> high) = Vector256.Widen(Vector256.Min(difference, -difference));
            (Vector256<uint> lower, Vector256<uint> upper) = Vector256.Widen(low + high);
            sum += lower + upper;
        }
        return Vector256.Sum(sum);
    }

    private static void WriteChunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> body) {
        var chunk = new byte[12 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, body.Length);
        type.CopyTo(chunk.AsSpan(4));
        body.CopyTo(chunk.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + body.Length), Crc32.Of(chunk.AsSpan(4, 4 + body.Length)));
        file.Write(chunk);
    }

    private interface IFilter {
        static abstract byte Predict(byte a, byte b, byte c);
        static abstract Vector256<byte> Predict(Vector256<byte> a, Vector256<byte> b, Vector256<byte> c);
    }

    private readonly struct Sub : IFilter {
        public static byte Predict(byte a, byte b, byte c) => a;
        public static Vector256<byte> Predict(Vector256<byte> a, Vector256<byte> b, Vector256<byte> c) => a;
    }

    private readonly struct Up : IFilter {
        public static byte Predict(byte a, byte b, byte c) => b;
        public static Vector256<byte> Predict(Vector256<byte> a, Vector256<byte> b, Vector256<byte> c) => b;
    }

    private readonly struct Paeth : IFilter {
        public static byte Predict(byte a, byte b, byte c) => (byte)PngFilter.Paeth(a, b, c);

        public static Vector256<byte> Predict(Vector256<byte> a, Vector256<byte> b, Vector256<byte> c) {
            // Distances saturate at 255 without changing which is smallest: |b - c| and |a - c| fit a byte, and |a + b - 2c| is their sum
            // where both differences point the same way (then it is never the smallest), else the difference of the two, which fits.
            Vector256<byte> toA = Vector256.Max(b, c) - Vector256.Min(b, c), toB = Vector256.Max(a, c) - Vector256.Min(a, c);
            Vector256<byte> sameWay = Vector256.Equals(Vector256.GreaterThan(b, c), Vector256.GreaterThan(a, c));
            Vector256<byte> toC = (Vector256.Max(toA, toB) - Vector256.Min(toA, toB)) | sameWay;
            Vector256<byte> useA = Vector256.LessThanOrEqual(toA, Vector256.Min(toB, toC)), useB = Vector256.LessThanOrEqual(toB, toC);
            return Vector256.ConditionalSelect(useA, a, Vector256.ConditionalSelect(useB, b, c));
        }
    }
}
