using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>JPEG beyond the pixels of sound files, which <see cref="PictureFileTests"/> compares: large files, vectors, damage.</summary>
public class JpegTests {
    private static readonly string[] Kinds = ["jpegs/2x2_17x19.jpg", "jpegs/2x1_17x19.jpg", "jpegs/2x4_17x19.jpg", "jpegs/1x4_17x19.jpg",
        "jpegs/3x1_17x19.jpg", "jpegs/scans_of_single_bits.jpg", "jpegs/scans_of_single_bits_arithmetic.jpg", "images/jpeg_exif_6.jpg",
        "images/jpeg_restart_every_mcu.jpg", "images/jpeg_cmyk.jpg", "jpegs/orientation_after_empty_app1.jpg"];

    public static TheoryData<string> AllKinds() => [.. Kinds];

    /// <summary>These are decoded by two threads.</summary>
    [Theory, InlineData("large.jpg"), InlineData("large_progressive.jpg"), InlineData("large_444_restart.jpg")]
    public void Pixels_of_large_pictures_are_those_of_opencv(string name) {
        using JsonDocument expected = JsonDocument.Parse(File("jpegs/expected.json"));
        JsonElement row = expected.RootElement.GetProperty("large").GetProperty(name);
        Picture picture = Picture.Load(File("jpegs/" + name));
        Assert.Equal((row.GetProperty("width").GetInt32(), row.GetProperty("height").GetInt32()), (picture.Width, picture.Height));
        Assert.Equal(row.GetProperty("sha256_bgr").GetString(), Convert.ToHexStringLower(SHA256.HashData(picture.Pixels)));
    }

    [Fact]
    public void Two_blocks_at_once_are_transformed_as_one_is() {
        var random = new Random(1);
        var coefficients = new short[128];
        var table = new short[64];
        byte[] pair = new byte[8 * 16], single = new byte[8 * 16];
        for (int round = 0; round < 2000; round++) {
            int range = 1 << random.Next(1, 16), used = random.Next(0, 3) == 0 ? 8 : 64;
            for (int i = 0; i < 128; i++)
                coefficients[i] = (short)(i % 64 < used && random.Next(2) == 0 ? random.Next(-range, range) : 0);
            for (int i = 0; i < 64; i++) table[i] = (short)random.Next(1, round % 2 == 0 ? 256 : 65536);
            JpegInverseDct.Line(coefficients, table, pair, 16, 2);
            JpegInverseDct.Single(coefficients, table, single, 16);
            JpegInverseDct.Single(coefficients.AsSpan(64), table, single.AsSpan(8), 16);
            Assert.Equal(single, pair);
        }
    }

    [Fact]
    public void Many_pixels_at_once_are_coloured_as_one_is() {
        var random = new Random(2);
        byte[] a = new byte[333], b = new byte[333], c = new byte[333], d = new byte[333], line = new byte[999], pixel = new byte[3];
        foreach (JpegColorSpace space in Enum.GetValues<JpegColorSpace>()) {
            foreach (byte[] component in (byte[][])[a, b, c, d]) random.NextBytes(component);
            JpegColors.Write(space, a, b, c, d, line);
            for (int x = 0; x < a.Length; x++) {
                JpegColors.Write(space, a.AsSpan(x, 1), b.AsSpan(x, 1), c.AsSpan(x, 1), d.AsSpan(x, 1), pixel);
                Assert.Equal(pixel, line[(3 * x)..(3 * x + 3)]);
            }
        }
    }

    [Theory, MemberData(nameof(AllKinds))]
    public void Files_cut_anywhere_are_refused(string name) {
        byte[] sound = File(name);
        for (int length = 0; length < sound.Length - 1; length++)
            if (Record.Exception(() => Picture.Load(sound.AsSpan(0, length))) is not ImageException) Assert.Fail($"cut at {length}");
    }

    [Theory, MemberData(nameof(AllKinds))]
    public void Files_changed_anywhere_give_a_picture_or_an_image_exception(string name) {
        byte[] sound = File(name);
        for (int i = 0; i < sound.Length; i++) {
            byte[] changed = [.. sound];
            changed[i] ^= (byte)(1 << i % 8);
            Exception? outcome = Record.Exception(() => Picture.Load(changed));
            if (outcome is not (null or ImageException)) Assert.Fail($"changed at {i}: {outcome}");
            if (outcome is ImageException) Assert.DoesNotContain('\n', outcome.Message);
        }
    }

    [Theory, InlineData(0xC3, "lossless"), InlineData(0xC5, "hierarchical"), InlineData(0xCB, "lossless"),
        InlineData(0xC7, "hierarchical lossless")]
    public void Kinds_that_are_not_read_are_named(int frame, string kind) {
        byte[] file = File("jpegs/gray_2x2.jpg");
        file[Find(file, 0xC0) + 1] = (byte)frame;
        Assert.Equal($"The picture is a {kind} JPEG file, a kind that is not read.", Refusal(file));
    }

    [Fact]
    public void Headers_that_are_not_read_are_named() {
        byte[] sound = File("jpegs/gray_2x2.jpg");
        int frame = Find(sound, 0xC0);
        Assert.Contains("12 bits a sample", Refusal(Changed(sound, frame + 4, 12)), StringComparison.Ordinal);
        Assert.Contains("DNL", Refusal(Changed(sound, frame + 5, 0, 0)), StringComparison.Ordinal);
        Assert.Contains($"SOF0 segment at byte {frame} states 0x20", Refusal(Changed(sound, frame + 7, 0, 0)), StringComparison.Ordinal);
        Assert.Contains("sampling factors 0x5", Refusal(Changed(sound, frame + 11, 5)), StringComparison.Ordinal);
        Assert.Contains("quantisation table 3", Refusal(Changed(sound, frame + 12, 3)), StringComparison.Ordinal);
        Assert.Contains("Huffman table 2", Refusal(Changed(sound, Find(sound, 0xDA) + 6, 0x20)), StringComparison.Ordinal);
        Assert.Contains("scan 1 is damaged near MCU", Refusal([.. sound[..^30], 0xFF, 0xD9]), StringComparison.Ordinal);
    }

    [Theory, InlineData(0xC0), InlineData(0xC2), InlineData(0xC9)]
    public void Sizes_that_the_data_cannot_hold_are_refused_before_any_memory_is_taken(int kind) {
        byte[] file = File("jpegs/gray_2x2.jpg");
        int frame = Find(file, 0xC0), scan = Find(file, 0xDA);
        file = Changed(Changed(file, frame + 1, (byte)kind), frame + 5, 0x2A, 0x00, 0x2A, 0x00);
        if (kind == 0xC2) file[scan + 8] = 0;
        long before = GC.GetTotalAllocatedBytes();
        Assert.Contains("10752x10752 pixels, more than the", Refusal(file), StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 8 << 20);
    }

    /// <summary>Each scan, of ten bytes, would go over all blocks.</summary>
    [Fact]
    public void Thousands_of_scans_are_refused() {
        byte[] sound = File("jpegs/scans_of_single_bits.jpg");
        int scan = Find(sound, 0xDA);
        // The first scan as if it had all bits of the DC coefficients: then it may be repeated.
        byte[] again = Changed(sound[scan..Find(sound, 0xDA, scan + 2)], 13, 0);
        byte[] file = [.. sound[..scan], .. Enumerable.Repeat(again, 600).SelectMany(bytes => bytes), 0xFF, 0xD9];
        Assert.Contains("too many", Refusal(file), StringComparison.Ordinal);
    }

    /// <summary>Pictures made on the spot, so large that all threads and vectors are used.</summary>
    [PythonFact("cv2", "numpy")]
    public void Pixels_are_those_of_the_opencv_installed() {
        string folder = Directory.CreateTempSubdirectory("dense-jpeg-").FullName;
        try {
            const string program = """
                import sys, hashlib, cv2, numpy as np
                r = np.random.default_rng(4)
                for i in range(60):
                    h, w = (int(v) for v in (r.integers(1, 41, 2) if i % 3 else r.integers(200, 900, 2)))
                    image = cv2.resize(r.integers(0, 256, (h // 9 + 1, w // 9 + 1, 3)).astype(np.uint8), (w, h))
                    image = np.clip(image + r.normal(0, 8, image.shape), 0, 255).astype(np.uint8)
                    if i % 7 == 0: image = image[:, :, 0]
                    name = f'{sys.argv[1]}/{i}.jpg'
                    cv2.imwrite(name, image, [cv2.IMWRITE_JPEG_QUALITY, int(r.integers(1, 101)), cv2.IMWRITE_JPEG_PROGRESSIVE, i % 2,
                        cv2.IMWRITE_JPEG_OPTIMIZE, i % 4 // 2, cv2.IMWRITE_JPEG_RST_INTERVAL, i % 5])
                    image = cv2.imread(name, cv2.IMREAD_COLOR)
                    print(i, w, h, hashlib.sha256(image.tobytes()).hexdigest())
                """;
            string[] lines = Python.Run("-c", program, folder).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(60, lines.Length);
            foreach (string line in lines) {
                Picture picture = Picture.Load(Path.Combine(folder, line.Split(' ')[0] + ".jpg"));
                Assert.Equal(line, string.Create(CultureInfo.InvariantCulture,
                    $"{line.Split(' ')[0]} {picture.Width} {picture.Height} {Convert.ToHexStringLower(SHA256.HashData(picture.Pixels))}"));
            }
        } finally {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static byte[] File(string name) => System.IO.File.ReadAllBytes(Path.Combine(Fixtures.Repository, "Tests", "Fixtures", name));

    private static string Refusal(byte[] file) => Assert.Throws<ImageException>(() => Picture.Load(file)).Message;

    private static int Find(byte[] file, byte marker, int from = 0) {
        int at = from + file.AsSpan(from).IndexOf((ReadOnlySpan<byte>)[0xFF, marker]);
        Assert.True(at >= from, $"no marker {marker:X2}");
        return at;
    }

    private static byte[] Changed(byte[] file, int at, params byte[] bytes) => [.. file[..at], .. bytes, .. file[(at + bytes.Length)..]];
}
