namespace DenseEngine.Models;

/// <summary>
/// Reads PNG files (ISO/IEC 15948) of every colour type and depth into blue, green, red bytes, as OpenCV 4.6 does: 16-bit samples keep
/// their high byte, alpha and tRNS are dropped, gamma and colour profiles ignored, an eXIf chunk's orientation applied. Nothing is
/// allocated for a size that the file's own compressed bytes cannot fill. One thread inflates a block of rows while another turns the
/// block before into pixels.
/// </summary>
internal static class PngDecoder {
    // Deflate spends at least a bit on 258 bytes, less some overhead: no stream grows by more than this factor (zlib's documentation).
    private const long LargestDeflateRatio = 1032;

    // Pictures that are larger, and larger than their data by this factor, are inflated once for nothing, to see that they are whole.
    private const long SmallPicture = 4 << 20, UsualRatio = 8;

    private const int BlockBytes = 192 << 10;

    public static Picture Decode(ReadOnlySpan<byte> file, int maxPixels) {
        var content = PngContent.Read(file, maxPixels);
        PngHeader header = content.Header;
        long raw = header.InflatedBytes(), pixelBytes = 3L * header.Width * header.Height, data = content.Data.Length;
        bool whole = raw <= data * LargestDeflateRatio
            && (pixelBytes <= SmallPicture || pixelBytes <= data * UsualRatio || PngData.Hold(content.Data, raw));
        if (!whole) {
            throw new ImageException($"The PNG header states {header.Width}x{header.Height} pixels, more than the "
                + $"{data} bytes of image data hold.");
        }
        var picture = Picture.Unwritten(header.Width, header.Height);
        using var inflated = new PngData(content.Data);
        foreach (PngPass pass in PngPass.Of(header)) new PassReader(inflated, content, pass, picture).Read();
        inflated.ReadEnd();
        return ExifOrientation.Apply(picture, content.Orientation);
    }

    /// <summary>Reads a pass.</summary>
    private sealed class PassReader {
        private readonly PngData data;
        private readonly PngHeader header;
        private readonly PngPass pass;
        private readonly Picture picture;
        private readonly PngPixels pixels;
        private readonly int bytes, blockRows;
        private readonly byte[][] blocks = new byte[2][];   // filtered rows, by the parity of the block's number
        private byte[] row, above;

        public PassReader(PngData data, PngContent content, PngPass pass, Picture picture) {
            (this.data, header, this.pass, this.picture) = (data, content.Header, pass, picture);
            pixels = new PngPixels(header, content.Palette);
            bytes = header.RowBytes(pass.Width);
            blockRows = Math.Clamp(BlockBytes / (1 + bytes), 1, pass.Height);
            row = new byte[bytes + PngFilter.Slack];
            above = new byte[bytes + PngFilter.Slack];
        }

        public void Read() {
            int count = (pass.Height + blockRows - 1) / blockRows;
            for (int i = 0; i < Math.Min(2, count); i++)
                blocks[i] = GC.AllocateUninitializedArray<byte>(blockRows * (1 + bytes) + PngFilter.Slack);
            Inflate(0);
            for (int block = 0; block < count - 1; block++) {
                int done = block;
                HostDevice.Default.Workers.For(2, side => {
                    if (side == 0) Inflate(done + 1);
                    else Unfilter(done);
                });
            }
            Unfilter(count - 1);
        }

        private int Rows(int block) => Math.Min(blockRows, pass.Height - block * blockRows);

        private void Inflate(int block) {
            int wanted = Rows(block) * (1 + bytes);
            int got = data.Read(blocks[block & 1].AsSpan(0, wanted));
            if (got == wanted) return;
            int line = pass.Y + (block * blockRows + got / (1 + bytes)) * pass.StepY;
            throw new ImageException($"The PNG image data end before row {line} of {header.Height}.");
        }

        private void Unfilter(int block) {
            for (int i = 0; i < Rows(block); i++) {
                ReadOnlySpan<byte> raw = blocks[block & 1].AsSpan(i * (1 + bytes), 1 + bytes + PngFilter.Slack);
                PngFilter.Undo(raw[0], raw[1..], row, above, bytes, header.FilterStep);
                int line = pass.Y + (block * blockRows + i) * pass.StepY;
                pixels.Write(row, pass.Width, picture.Pixels.AsSpan(3 * (line * header.Width + pass.X)), 3 * pass.StepX);
                (row, above) = (above, row);
            }
        }
    }
}
