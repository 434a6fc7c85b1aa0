using System.Buffers.Binary;

namespace DenseEngine.Models;

/// <summary>What the segments before and between a JPEG file's scans define: tables, restart interval, hints at colours.</summary>
internal sealed class JpegTables {
    private const int Slots = 4;

    /// <summary>Quantisation tables in natural order. Numbers above 32767 wrap, as they do in libjpeg's transform.</summary>
    public short[]?[] Quantization { get; } = new short[Slots][];

    public JpegHuffmanTable?[] Dc { get; } = new JpegHuffmanTable[Slots];

    public JpegHuffmanTable?[] Ac { get; } = new JpegHuffmanTable[Slots];

    /// <summary>Of arithmetic coding, by table number: bounds of the small DC differences (T.81, F.1.4.4.1.2) as powers of two.</summary>
    public (int Lower, int Upper)[] ArithmeticDc { get; } = [.. Enumerable.Repeat((0, 1), 16)];

    /// <summary>Of arithmetic coding, by table number: up to which coefficient the low frequencies' statistics are used.</summary>
    public int[] ArithmeticAc { get; } = [.. Enumerable.Repeat(5, 16)];

    /// <summary>MCUs between restart markers; 0 for none.</summary>
    public int RestartInterval { get; private set; }

    /// <summary>Whether a JFIF header was seen: then three components are Y, Cb, Cr.</summary>
    public bool IsJfif { get; private set; }

    /// <summary>The colour transform that an Adobe segment states, if there is one.</summary>
    public int? AdobeTransform { get; private set; }

    /// <summary>The orientation that the first APP1 segment states; null if there was none.</summary>
    public int? Orientation { get; private set; }

    /// <summary>Takes what a segment defines.</summary>
    /// <returns>Whether it is a segment that defines something, or that may be passed over.</returns>
    /// <exception cref="ImageException">The segment is malformed.</exception>
    public bool Take(in JpegSegments segment) {
        ReadOnlySpan<byte> body = segment.Body;
        switch (segment.Marker) {
            case JpegMarker.Dqt: ReadQuantization(segment); return true;
            case JpegMarker.Dht: ReadHuffman(segment); return true;
            case JpegMarker.Dac: ReadConditioning(segment); return true;
            case JpegMarker.Dri:
                if (body.Length != 2) throw segment.Malformed($"has {body.Length} bytes instead of 2");
                RestartInterval = BinaryPrimitives.ReadUInt16BigEndian(body);
                return true;
            case JpegMarker.App0:
                IsJfif |= body.Length >= 14 && body.StartsWith("JFIF\0"u8);
                return true;
            case JpegMarker.App1:
                // The TIFF structure follows "Exif" and two zeros, which OpenCV takes for granted; it looks at the first APP1 only.
                Orientation ??= body.Length > 6 ? ExifOrientation.Read(body[6..]) : ExifOrientation.Upright;
                return true;
            case JpegMarker.App14:
                if (body.Length >= 12 && body.StartsWith("Adobe"u8)) AdobeTransform = body[11];
                return true;
            case JpegMarker.Tem or JpegMarker.Com or JpegMarker.Dnl or (>= JpegMarker.Rst0 and <= JpegMarker.Rst7)
                or (>= JpegMarker.App0 and <= JpegMarker.App15):
                return true;
            default: return false;
        }
    }

    // Sets of: precision and number, 64 entries of one or two bytes in zigzag order (T.81, B.2.4.1).
    private void ReadQuantization(in JpegSegments segment) {
        for (ReadOnlySpan<byte> left = segment.Body; !left.IsEmpty;) {
            int slot = left[0] & 15, bytes = left[0] >> 4 == 0 ? 1 : 2, size = 1 + JpegComponent.Block * bytes;
            if (slot >= Slots) throw segment.Malformed($"defines table {slot}; there are 0 to {Slots - 1}");
            if (left.Length < size) throw segment.Malformed($"has {left.Length} bytes left for a table of {size}");
            var table = new short[JpegComponent.Block];
            for (int i = 0; i < table.Length; i++)
                table[JpegZigzag.Order[i]] = bytes == 1 ? left[1 + i] : BinaryPrimitives.ReadInt16BigEndian(left[(1 + 2 * i)..]);
            Quantization[slot] = table;
            left = left[size..];
        }
    }

    // Sets of: class and number, counts of the codes of 1 to 16 bits, symbols (T.81, B.2.4.2).
    private void ReadHuffman(in JpegSegments segment) {
        for (ReadOnlySpan<byte> left = segment.Body; !left.IsEmpty;) {
            if (left.Length < 17) throw segment.Malformed($"has {left.Length} bytes left, too few for a table");
            int slot = left[0] & 15, total = 0;
            if (left[0] > 0x1F || slot >= Slots) throw segment.Malformed($"defines table {left[0]:X2}; there are 00 to 03 and 10 to 13");
            foreach (byte count in left.Slice(1, 16)) total += count;
            if (total > 256 || total > left.Length - 17)
                throw segment.Malformed($"states {total} codes and has {left.Length - 17} bytes left");
            (left[0] >= 0x10 ? Ac : Dc)[slot] = new JpegHuffmanTable(left.Slice(1, 16), left.Slice(17, total));
            left = left[(17 + total)..];
        }
    }

    // Pairs of: class and number, value (T.81, B.2.4.3).
    private void ReadConditioning(in JpegSegments segment) {
        ReadOnlySpan<byte> body = segment.Body;
        if (body.Length % 2 != 0) throw segment.Malformed($"has {body.Length} bytes, not pairs");
        for (int i = 0; i < body.Length; i += 2) {
            int slot = body[i], value = body[i + 1], lower = value & 15, upper = value >> 4;
            if (slot > 0x1F) throw segment.Malformed($"defines table {slot:X2}; there are 00 to 1F");
            if (slot >= 16) {
                ArithmeticAc[slot - 16] = value;
                continue;
            }
            if (lower > upper) throw segment.Malformed($"states the bounds {lower} and {upper}");
            ArithmeticDc[slot] = (lower, upper);
        }
    }
}
