namespace DenseEngine.Models;

/// <summary>Run-length coding of BMP pixels of 8 or 4 bits (BI_RLE8, BI_RLE4): pairs of a count and a colour, or two that take turns; after
/// a count of 0 the end of a line (0), the end of the picture (1), a step to the right and on (2), or that many colours as they are. As in
/// OpenCV, of 4 bits the end of the picture ends a line only, and a step goes only to the right.</summary>
internal static class BmpRuns {
    public static void Decode(ReadOnlySpan<byte> data, BmpHeader header, Picture picture) {
        int at = 0, x = 0, y = 0;
        bool lineFilled = false;   // a run that fills a line begins the next; an end of line right after it means nothing
        while (y < header.Height) {
            int count = Next(data, ref at), code = Next(data, ref at);
            int pixels = count > 0 ? count : code > 2 ? code : 0;
            if (pixels > header.Width - x) throw Beyond(y);
            if (count > 0 && header.Bits == 8) {
                lineFilled = Fill(header, picture, ref x, ref y, count, code);
                continue;
            }
            if (pixels > 0) {
                Span<byte> row = header.Row(picture, y);
                int start = at;
                for (int i = 0; i < pixels; i++, x++) {
                    if (count == 0 && (header.Bits == 8 || i % 2 == 0)) code = Next(data, ref at);
                    int index = header.Bits == 8 ? code : i % 2 == 0 ? code >> 4 : code & 15;
                    Colour(header, index).CopyTo(row[(3 * x)..]);
                }
                if ((at - start) % 2 != 0) Next(data, ref at);
            } else if (code != 0 || !lineFilled || x > 0) {
                long skip = header.Width - x;
                if (code == 2) skip = Next(data, ref at) + (header.Bits == 8 ? (long)header.Width : 0) * Next(data, ref at);
                else if (code == 1 && header.Bits == 8) skip += (long)(header.Height - y) * header.Width;
                Fill(header, picture, ref x, ref y, skip, 0);
            }
            lineFilled = false;
        }
    }

    /// <summary>Writes a run, over the ends of lines; whether it ended one.</summary>
    private static bool Fill(BmpHeader header, Picture picture, ref int x, ref int y, long count, int colour) {
        bool ended = false;
        do {
            int some = (int)Math.Min(count, header.Width - x);
            Span<byte> row = header.Row(picture, y);
            for (int i = 0; i < some; i++, x++) Colour(header, colour).CopyTo(row[(3 * x)..]);
            count -= some;
            if (x < header.Width) continue;
            (x, y, ended) = (0, y + 1, true);
        } while (count > 0 && y < header.Height);
        return ended;
    }

    private static ReadOnlySpan<byte> Colour(BmpHeader header, int index) => header.Palette.AsSpan(3 * index, 3);

    private static byte Next(ReadOnlySpan<byte> data, ref int at) =>
        at < data.Length ? data[at++] : throw new ImageException("The BMP file's runs end before the picture is complete.");

    private static ImageException Beyond(int y) => new($"A run of the BMP file goes beyond the end of line {y}.");
}
