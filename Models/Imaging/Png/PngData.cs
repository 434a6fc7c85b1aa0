using System.IO.Compression;

namespace DenseEngine.Models;

/// <summary>Inflates a PNG picture's data.</summary>
internal sealed class PngData : IDisposable {
    private const int MostExtraBytes = 64 << 20, BufferBytes = 64 << 10;

    private readonly Source source;
    private readonly ZLibStream inflated;

    /// <param name="data">A zlib stream.</param>
    public PngData(byte[] data) {
        source = new Source(data);
        inflated = new ZLibStream(source, CompressionMode.Decompress);
    }

    /// <summary>Fills a buffer; returns how many bytes there were, fewer only at the stream's end.</summary>
    /// <exception cref="ImageException">The compressed data are damaged.</exception>
    public int Read(Span<byte> buffer) {
        try {
            return inflated.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        } catch (Exception failure) when (failure is InvalidDataException or IOException) {
            throw new ImageException("The PNG image data are not a sound zlib stream.", failure);
        }
    }

    /// <summary>Reads what stands behind the last row, which like libpng we do not mind, up to the stream's end, which must be
    /// there.</summary>
    /// <exception cref="ImageException">It is damaged or not there, or much stands before it.</exception>
    public void ReadEnd() {
        Span<byte> first = stackalloc byte[1];
        if (Read(first) > 0) {
            byte[] buffer = new byte[BufferBytes];
            for (int extra = 0; Read(buffer) == BufferBytes; extra += BufferBytes)
                if (extra > MostExtraBytes) throw new ImageException("The PNG image data go on far behind the last row.");
        }
        if (source.IsWanting) throw new ImageException("The PNG image data are cut off before the end of their zlib stream.");
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

    /// <summary>The data, which notices being asked for more: .NET takes that for a stream's end.</summary>
    private sealed class Source(byte[] data) : MemoryStream(data, writable: false) {
        /// <summary>Whether the stream did not end with the data.</summary>
        public bool IsWanting { get; private set; }

        public override int Read(byte[] buffer, int offset, int count) {
            int read = base.Read(buffer, offset, count);
            IsWanting |= read == 0 && count > 0;
            return read;
        }
    }
}
