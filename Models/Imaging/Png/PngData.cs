using System.IO.Compression;

namespace DenseEngine.Models;

/// <summary>Inflates a PNG picture's data.</summary>
internal sealed class PngData(byte[] data) : IDisposable {
    private const int MostExtraBytes = 64 << 20, BufferBytes = 64 << 10;

    private readonly ZLibStream inflated = new(new MemoryStream(data, writable: false), CompressionMode.Decompress);

    /// <summary>Fills a buffer; returns how many bytes there were, fewer only at the stream's end.</summary>
    /// <exception cref="ImageException">The compressed data are damaged.</exception>
    public int Read(Span<byte> buffer) {
        try {
            return inflated.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        } catch (Exception failure) when (failure is InvalidDataException or IOException) {
            throw new ImageException("The PNG image data are not a sound zlib stream.", failure);
        }
    }

    /// <summary>Reads what stands behind the last row, which like libpng we do not mind, up to the stream's end, which must be there.</summary>
    /// <exception cref="ImageException">It is damaged or not there, or much stands before it.</exception>
    public void ReadEnd() {
        Span<byte> first = stackalloc byte[1];
        if (Read(first) == 0) return;
        byte[] buffer = new byte[BufferBytes];
        for (int extra = 0; Read(buffer) == BufferBytes; extra += BufferBytes)
            if (extra > MostExtraBytes) throw new ImageException("The PNG image data go on far behind the last row.");
    }

    /// <summary>Whether the data inflate to so many bytes at least; nothing is kept.</summary>
    public static bool Hold(byte[] data, long bytes) {
        using var inflated = new PngData(data);
        byte[] buffer = new byte[BufferBytes];
        for (int wanted; bytes > 0; bytes -= wanted) {
            wanted = (int)Math.Min(bytes, BufferBytes);
            if (inflated.Read(buffer.AsSpan(0, wanted)) < wanted) return false;
        }
        return true;
    }

    public void Dispose() => inflated.Dispose();
}
