using System.Buffers.Binary;

namespace DenseEngine.Models;

/// <summary>The codes of a JPEG file's markers (T.81, table B.1): what follows a byte FF.</summary>
internal static class JpegMarker {
    public const int Tem = 0x01, Sof0 = 0xC0, Sof1 = 0xC1, Sof2 = 0xC2, Dht = 0xC4, Sof9 = 0xC9, Sof10 = 0xCA, Dac = 0xCC, Sof15 = 0xCF,
        Rst0 = 0xD0, Rst7 = 0xD7, Soi = 0xD8, Eoi = 0xD9, Sos = 0xDA, Dqt = 0xDB, Dnl = 0xDC, Dri = 0xDD, App0 = 0xE0, App1 = 0xE1,
        App14 = 0xEE, App15 = 0xEF, Com = 0xFE;

    /// <summary>A marker's name for messages.</summary>
    public static string Name(int marker) => marker switch {
        Dht => "DHT",
        Dac => "DAC",
        Soi => "SOI",
        Eoi => "EOI",
        Sos => "SOS",
        Dqt => "DQT",
        Dnl => "DNL",
        Dri => "DRI",
        Com => "COM",
        >= Sof0 and <= Sof15 and not 0xC8 => $"SOF{marker - Sof0}",
        >= Rst0 and <= Rst7 => $"RST{marker - Rst0}",
        >= App0 and <= App15 => $"APP{marker - App0}",
        _ => $"FF{marker:X2}",
    };
}

/// <summary>Walks a JPEG file's segments: a marker, and for most of them a length and a body (T.81, B.1.1).</summary>
internal ref struct JpegSegments(ReadOnlySpan<byte> file) {
    /// <summary>The whole file.</summary>
    public ReadOnlySpan<byte> File { get; } = file;

    /// <summary>Where the next segment is looked for.</summary>
    public int At { get; set; }

    /// <summary>The last segment's marker.</summary>
    public int Marker { get; private set; }

    /// <summary>Where the last segment's marker stands.</summary>
    public int Start { get; private set; }

    /// <summary>The last segment's body, the length left out; empty for a marker without one.</summary>
    public ReadOnlySpan<byte> Body { get; private set; }

    /// <summary>Goes to the next segment. What stands between segments is skipped, as libjpeg does (it warns).</summary>
    /// <exception cref="ImageException">The file ends.</exception>
    public void Next() {
        int at = At;
        while (true) {
            int found = File[at..].IndexOf((byte)0xFF);
            if (found < 0) throw Ended();
            at += found;
            int code = File[at..].IndexOfAnyExcept((byte)0xFF);
            if (code < 0) throw Ended();
            at += code;
            if (File[at] != 0) break;
        }
        (Start, Marker) = (at - 1, File[at]);
        at++;
        Body = default;
        if (HasBody(Marker)) {
            if (File.Length - at < 2) throw Ended();
            int length = BinaryPrimitives.ReadUInt16BigEndian(File[at..]);
            // As in libjpeg, a length that leaves out its own two bytes does no harm where the body is not read.
            if (length < 2 && Marker is JpegMarker.Com or JpegMarker.Dnl or (>= JpegMarker.App0 and <= JpegMarker.App15)) length = 2;
            if (length < 2 || length > File.Length - at) {
                throw new ImageException($"The JPEG file's {JpegMarker.Name(Marker)} segment at byte {Start} states {length} bytes; "
                    + $"the file has {File.Length - at} from there.");
            }
            Body = File.Slice(at + 2, length - 2);
            at += length;
        }
        At = at;
    }

    /// <summary>A segment whose body is malformed.</summary>
    public readonly ImageException Malformed(string what) =>
        new($"The JPEG file's {JpegMarker.Name(Marker)} segment at byte {Start} {what}.");

    private static bool HasBody(int marker) => marker is not (JpegMarker.Tem or (>= JpegMarker.Rst0 and <= JpegMarker.Eoi));

    private readonly ImageException Ended() => new($"The JPEG file ends at byte {File.Length}, before its EOI marker.");
}
