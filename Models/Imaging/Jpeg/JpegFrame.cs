using System.Buffers.Binary;

namespace DenseEngine.Models;

/// <summary>What a frame header (T.81, B.2.2) says: the picture's size, its components and how they are coded.</summary>
internal sealed class JpegFrame {
    // T.81's, and libjpeg's, limits.
    private const int LargestSide = 65500, MostComponents = 10, LargestFactor = 4;

    private JpegFrame(int width, int height, JpegComponent[] components, int marker) {
        (Width, Height, Components) = (width, height, components);
        IsProgressive = marker is JpegMarker.Sof2 or JpegMarker.Sof10;
        IsArithmetic = marker is JpegMarker.Sof9 or JpegMarker.Sof10;
        // A component alone has nothing to be finer or coarser than.
        if (components.Length == 1) (components[0].Horizontal, components[0].Vertical) = (1, 1);
        MostHorizontal = components.Max(component => component.Horizontal);
        MostVertical = components.Max(component => component.Vertical);
        foreach (JpegComponent component in components) component.Place(width, height, MostHorizontal, MostVertical);
    }

    public int Width { get; }

    public int Height { get; }

    public JpegComponent[] Components { get; }

    public bool IsProgressive { get; }

    public bool IsArithmetic { get; }

    /// <summary>The largest horizontal factor: an MCU is 8 times as many pixels wide.</summary>
    public int MostHorizontal { get; }

    /// <summary>The largest vertical factor.</summary>
    public int MostVertical { get; }

    /// <summary>MCUs of a scan of all components.</summary>
    public int McusAcross => (Width - 1) / (JpegComponent.Side * MostHorizontal) + 1;

    /// <summary>Likewise.</summary>
    public int McusDown => (Height - 1) / (JpegComponent.Side * MostVertical) + 1;

    /// <summary>Blocks that hold real samples.</summary>
    public long Blocks => Components.Sum(component => component.Blocks);

    /// <summary>Reads a frame header's body: precision, height, width, components; for each its identifier, factors, table.</summary>
    /// <param name="segment">The header.</param>
    /// <param name="maxPixels">The most pixels that it may state.</param>
    /// <exception cref="ImageException">It is malformed, or of a kind that is not read.</exception>
    public static JpegFrame Read(in JpegSegments segment, int maxPixels) {
        ReadOnlySpan<byte> body = segment.Body;
        if (Unread(segment.Marker) is { } kind) throw new ImageException($"The picture is a {kind} JPEG file, a kind that is not read.");
        if (body.Length < 6) throw segment.Malformed($"has {body.Length} bytes; a frame header needs more");
        int precision = body[0], height = BinaryPrimitives.ReadUInt16BigEndian(body[1..]);
        int width = BinaryPrimitives.ReadUInt16BigEndian(body[3..]), count = body[5];
        if (height == 0 && width > 0) throw segment.Malformed("states height 0, which a DNL segment would have to define: not read");
        if (width == 0 || height == 0 || count == 0) throw segment.Malformed($"states {width}x{height} pixels of {count} components");
        if (body.Length != 6 + 3 * count)
            throw segment.Malformed($"has {body.Length} bytes, not {6 + 3 * count} as for {count} components");
        if (precision != 8) throw segment.Malformed($"states {precision} bits a sample; only 8 are read");
        if (count is not (1 or 3 or 4)) throw segment.Malformed($"states {count} components; 1, 3 and 4 are read");
        if (Math.Max(width, height) > LargestSide) throw segment.Malformed($"states {width}x{height} pixels, over {LargestSide} a side");
        Picture.CheckStated(width, height, maxPixels);
        var components = new JpegComponent[count];
        for (int i = 0; i < count; i++) {
            ReadOnlySpan<byte> entry = body[(6 + 3 * i)..];
            components[i] = new JpegComponent(entry[0], entry[1] >> 4, entry[1] & 15, entry[2]);
            if (components[i].Horizontal is 0 or > LargestFactor || components[i].Vertical is 0 or > LargestFactor)
                throw segment.Malformed($"states sampling factors {entry[1] >> 4}x{entry[1] & 15}; they must be 1 to {LargestFactor}");
        }
        var frame = new JpegFrame(width, height, components, segment.Marker);
        foreach (JpegComponent c in components) {
            if (frame.MostHorizontal % c.Horizontal != 0 || frame.MostVertical % c.Vertical != 0) {
                throw segment.Malformed($"states sampling factors {c.Horizontal}x{c.Vertical}, of which "
                    + $"{frame.MostHorizontal}x{frame.MostVertical} is no multiple: not read");
            }
        }
        return frame;
    }

    private static string? Unread(int marker) => marker switch {
        0xC3 or 0xCB => "lossless",
        0xC5 or 0xC6 or 0xCD or 0xCE => "hierarchical",
        0xC7 or 0xCF => "hierarchical lossless",
        _ => null,
    };
}
