namespace DenseEngine.Models;

/// <summary>
/// Reads JPEG files (ITU-T T.81): sequential and progressive, Huffman and arithmetic coding, 8 bits a sample. The pixels are those of
/// OpenCV 4.6 with libjpeg-turbo, byte for byte: its integer inverse transform, its "fancy" upsampling, its fixed-point colours, an EXIF
/// orientation applied. Where libjpeg warns of damaged data and fills in something, the file is refused. Nothing is allocated for sizes
/// that the file's bytes cannot fill.
/// </summary>
internal static class JpegDecoder {
    public static Picture Decode(ReadOnlySpan<byte> file, int maxPixels) {
        var segments = new JpegSegments(file);
        var tables = new JpegTables();
        JpegFrame? frame = null;
        JpegPicture? picture = null;
        segments.Next();
        if (segments.Marker != JpegMarker.Soi || segments.Start != 0) throw segments.Malformed("stands where SOI should");
        while (true) {
            segments.Next();
            if (tables.Take(segments)) continue;
            switch (segments.Marker) {
                case JpegMarker.Sos:
                    if (frame is null) throw segments.Malformed("comes before any frame header");
                    picture ??= new JpegPicture(frame, tables);
                    if (picture.Read(ref segments, tables)) return picture.Finish();
                    break;
                case JpegMarker.Eoi when picture is not null: return picture.Finish();
                case >= JpegMarker.Sof0 and <= JpegMarker.Sof15 when segments.Marker != 0xC8:
                    if (frame is not null) throw segments.Malformed("is a second frame header");
                    frame = JpegFrame.Read(segments, maxPixels);
                    break;
                case JpegMarker.Eoi: throw new ImageException($"The JPEG file ends at byte {segments.Start} without a picture.");
                default: throw segments.Malformed("is not known, or not at its place");
            }
        }
    }
}
