namespace DenseEngine.Models;

/// <summary>Run-length coding of 8-bit BMP pixels (BI_RLE8): pairs of a count and a colour; after a count of 0 the end of a line (0), the end
/// of the picture (1), a step to the right and on (2), or that many colours as they are.</summary>
internal static class BmpRuns {
    public static void Decode(ReadOnlySpan<byte> data, BmpHeader header, Picture picture) {
        int at = 0, x = 0, y = 0;
        bool lineFilled = false;   // a run that fills a line begins the next; an end of line right after it means nothing
        while (y < header.Height) {
            int count = Next(data, ref at), code = Next(data, ref at);
            if (count > 0) {
                if (count > header.Width - x) throw Beyond(y);
                lineFilled = Fill(header, picture, ref x, ref y, count, code);
            } else if (code > 2) {
                if (code > header.Width - x) throw Beyond(y);
                Span<byte> row = header.Row(picture, y);
                for (int i = 0; i < code; i++, x++) Colour(header, Next(data, ref at)).CopyTo(row[(3 * x)..]);
                if (code % 2 != 0) Next(data, ref at);
                lineFilled = false;
            } else {
                if (code == 0 && lineFilled && x == 0) {
                    lineFilled = false;
                    continue;
                }
                long skip = header.Width - x;
                if (code == 1) skip += (long)(header.Height - y) * header.Width;
                else if (code == 2) skip = Next(data, ref at) + (long)Next(data, ref at) * header.Width;
                Fill(header, picture, ref x, ref y, skip, 0);
                lineFilled = false;
            }
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
