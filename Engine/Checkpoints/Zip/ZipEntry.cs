namespace DenseEngine;

/// <summary>A record of a zip archive.</summary>
/// <param name="Name">Its path inside the archive.</param>
/// <param name="Deflated">Whether it is compressed; stored as it is otherwise.</param>
/// <param name="Packed">Its bytes in the file.</param>
/// <param name="Size">Its bytes when unpacked.</param>
/// <param name="Crc">The CRC-32 of the unpacked bytes.</param>
/// <param name="Header">Where its local header begins.</param>
internal sealed record ZipEntry(string Name, bool Deflated, long Packed, long Size, uint Crc, long Header) {
    private volatile bool verified;

    /// <summary>Where its bytes begin: behind the local header, whose length only that header knows.</summary>
    public long Data { get; init; }

    /// <summary>Whether the checksum was compared already.</summary>
    public bool Verified { get => verified; set => verified = value; }
}
