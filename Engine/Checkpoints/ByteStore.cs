using Microsoft.Win32.SafeHandles;

namespace DenseEngine;

/// <summary>The bytes of an open file, readable at any place from any thread. Files are read without a lock or a buffer between; other
/// streams one reader at a time.</summary>
internal sealed class ByteStore : IDisposable {
    private readonly Stream stream;
    private readonly SafeFileHandle? handle;
    private readonly DateTime written;
    private readonly Lock gate = new();

    /// <param name="stream">A stream that can seek; it is owned.</param>
    /// <param name="name">What messages call it.</param>
    public ByteStore(Stream stream, string name) {
        this.stream = stream;
        Name = name;
        Length = stream.Length;
        if (stream is not FileStream file) return;
        handle = file.SafeFileHandle;
        written = File.GetLastWriteTimeUtc(handle);
    }

    public string Name { get; }

    public long Length { get; }

    /// <summary>Fills the destination with the bytes from a place on.</summary>
    /// <exception cref="CheckpointException">The file was changed since it was opened, or cannot be read.</exception>
    public void Read(long offset, Span<byte> destination) {
        try {
            if (handle is null) {
                lock (gate) {
                    stream.Position = offset;
                    stream.ReadExactly(destination);
                }
                return;
            }
            // Weights may be read long after the file was opened; what was checked then must still hold.
            if (RandomAccess.GetLength(handle) != Length || File.GetLastWriteTimeUtc(handle) != written)
                throw new CheckpointException(
                    $"{Name}: the file was changed while it was open; its weights are read when they are needed.");
            while (destination.Length > 0) {
                int count = RandomAccess.Read(handle, destination, offset);
                if (count == 0) throw new EndOfStreamException("it ends too early");
                offset += count;
                destination = destination[count..];
            }
        } catch (IOException e) {
            throw new CheckpointException($"{Name}: cannot be read: {e.Message}", e);
        }
    }

    public byte[] Read(long offset, long length) {
        var bytes = new byte[length];
        Read(offset, bytes);
        return bytes;
    }

    public void Dispose() => stream.Dispose();
}
