namespace DenseEngine.Models;

/// <summary>The entropy-coded data of a scan: the stretches between restart markers, one behind the other, without markers and without the
/// zeros that follow bytes FF in the file (T.81, B.1.1.5).</summary>
/// <param name="bytes">The data, and <see cref="JpegBits.Slack"/> zeros.</param>
/// <param name="ends">Where each stretch ends.</param>
internal sealed class JpegScanData(byte[] bytes, int[] ends) {
    public byte[] Bytes => bytes;

    public int[] Ends => ends;

    /// <summary>Copies a scan's data. They go up to the first marker that is not the restart marker that is due.</summary>
    /// <param name="segments">Behind the scan's header; moved to that marker.</param>
    /// <param name="stretches">How many stretches the scan has at most.</param>
    /// <exception cref="ImageException">No marker ends them.</exception>
    public static JpegScanData Read(ref JpegSegments segments, int stretches) {
        ReadOnlySpan<byte> left = segments.File[segments.At..];
        byte[] bytes = GC.AllocateUninitializedArray<byte>(DataBytes(left, stretches) + JpegBits.Slack);
        var ends = new List<int>();
        int length = 0;
        while (true) {
            int plain = left.IndexOf((byte)0xFF);
            if (plain < 0) plain = left.Length;
            left[..plain].CopyTo(bytes.AsSpan(length));
            length += plain;
            left = left[plain..];
            int code = left.IndexOfAnyExcept((byte)0xFF);
            if (code > 0 && left[code] == 0) {
                bytes[length++] = 0xFF;
                left = left[(code + 1)..];
                continue;
            }
            if (code < 0) throw new ImageException($"The JPEG file ends at byte {segments.File.Length}, within a scan's data.");
            ends.Add(length);
            if (left[code] != JpegMarker.Rst0 + ((ends.Count - 1) & 7) || ends.Count == stretches) break;
            left = left[(code + 1)..];
        }
        bytes.AsSpan(length).Clear();
        segments.At = segments.File.Length - left.Length;
        return new JpegScanData(bytes, [.. ends]);
    }

    // An upper bound: where the first marker is that ends the data. Without restart markers that is cheap to find.
    private static int DataBytes(ReadOnlySpan<byte> left, int stretches) {
        for (int at = 0; ;) {
            int found = left[at..].IndexOf((byte)0xFF);
            if (found < 0) return left.Length;
            at += found;
            int code = left[at..].IndexOfAnyExcept((byte)0xFF);
            if (code < 0) return left.Length;
            at += code;
            if (left[at] != 0 && (stretches == 1 || left[at] is < JpegMarker.Rst0 or > JpegMarker.Rst7)) return at;
        }
    }
}
