namespace DenseEngine;

/// <summary>Some bytes of a store as a stream that only goes forward.</summary>
internal sealed class StoreStream(ByteStore store, long offset, long length) : Stream {
    private readonly long end = offset + length;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer) {
        int count = (int)Math.Min(buffer.Length, end - offset);
        store.Read(offset, buffer[..count]);
        offset += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
