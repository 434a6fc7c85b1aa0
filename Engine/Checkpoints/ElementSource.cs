namespace DenseEngine;

/// <summary>A tensor's bytes in order: row-major, little-endian, without gaps.</summary>
internal abstract class ElementSource {
    /// <summary>Fills the destination, a whole number of elements, with the next bytes.</summary>
    public abstract void Read(Span<byte> destination);

    /// <summary>Called after the last byte: what can only be checked then.</summary>
    public virtual void Finish() { }
}

/// <summary>Bytes that lie in the file as they are.</summary>
internal sealed class RangeSource(ByteStore store, long offset) : ElementSource {
    public override void Read(Span<byte> destination) {
        store.Read(offset, destination);
        offset += destination.Length;
    }
}

/// <summary>Bytes that were unpacked into memory.</summary>
internal sealed class MemorySource(byte[] bytes, long offset) : ElementSource {
    public override void Read(Span<byte> destination) {
        bytes.AsSpan((int)offset, destination.Length).CopyTo(destination);
        offset += destination.Length;
    }
}
