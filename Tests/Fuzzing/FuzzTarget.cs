using System.Security.Cryptography;
using System.Text;
using DenseEngine.Models;
using DenseEngine.Training;

namespace DenseEngine.Tests;

/// <summary>A reader of strangers' files, with what to damage.</summary>
/// <param name="Name">For case names and folders.</param>
/// <param name="Seeds">Sound files below Tests/Fixtures, of every variant of the format.</param>
/// <param name="Read">Reads all of a file; gives a hash of what was read, in the form that confirm.py computes.</param>
internal sealed record FuzzTarget(string Name, string[] Seeds, Func<byte[], string> Read) {
    /// <summary>Makes checksums fit again, so that damage reaches what lies behind them.</summary>
    public Action<byte[]>? Repair { get; init; }

    /// <summary>Words of a text format.</summary>
    public string[] Words { get; init; } = [];

    /// <summary>Makes what is damaged from a fixture's bytes: the text in a checkpoint, say.</summary>
    public Func<byte[], byte[]> Extract { get; init; } = file => file;

    private static readonly string[] JsonWords = ["null", "[]", "{}", "-1", "1e999", "NaN", "99999999999999999999", "\"\"", "[[[[",
        "\\ud800", ",", "\"id\":"];

    /// <summary>All readers.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } = [
        new("safetensors", [.. Checkpoints("all_dtypes.safetensors", "header_in_other_order.safetensors", "no_tensors.safetensors"),
            "ops/abs.safetensors", "ops/nms.safetensors", "ops/argmax.safetensors", "ops/box_iou.safetensors", "ops/topk.safetensors",
            "ops/where.safetensors", "units/gaussian2d.safetensors"], ReadCheckpoint),
        new("pth_zip", [.. Checkpoints("basic_zip.pth", "dtypes_zip.pth", "views_zip.pth", "nested_zip.pth", "protocol2_zip.pth", "protocol4_zip.pth",
            "rezipped_deflate.pth", "newer_records.pth", "parameters.pth", "keys.pth")], ReadCheckpoint),
        new("pth_legacy", [.. Checkpoints("basic_legacy.pth", "dtypes_legacy.pth", "views_legacy.pth", "nested_legacy.pth", "protocol4_legacy.pth",
            "cuda_location_legacy.pth", "handmade_legacy.pth")], ReadCheckpoint),
        new("png", [.. Images("png_rgb8.png", "png_rgba16.png", "png_gray1_interlaced.png", "png_palette4.png", "png_palette8_interlaced.png",
            "png_gray_alpha8.png", "png_exif_6.png", "png_3x5_interlaced.png", "png_rgb16_interlaced.png", "png_gray2_trns.png")], ReadPicture) {
            Repair = PngChecksums.Repair,
        },
        new("coco", [.. Directory.GetFiles(Folder("coco"), "annotations.json", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Folder(""), path)).Order(StringComparer.Ordinal).Take(10)], ReadAnnotations) { Words = JsonWords },
    ];

    private static string ReadCheckpoint(byte[] file) {
        using CheckpointFile checkpoint = CheckpointFile.Open(new MemoryStream(file), "file");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (CheckpointEntry entry in checkpoint.Entries.OrderBy(entry => entry.Name, StringComparer.Ordinal)) {
            hash.AppendData(Encoding.UTF8.GetBytes($"{entry.Name}\0{entry.Type}\0{string.Join(',', entry.Shape)}\0"));
            hash.AppendData(checkpoint.ReadBytes(entry.Name));
        }
        _ = checkpoint.State();
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string ReadPicture(byte[] file) {
        Picture picture = Picture.Load(file);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{picture.Height} {picture.Width}\n"));
        hash.AppendData(picture.Pixels);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string ReadAnnotations(byte[] file) {
        string path = Path.Combine(Path.GetTempPath(), $"dense-fuzz-{Environment.ProcessId}.json");
        File.WriteAllBytes(path, file);
        try {
            return new CocoAnnotations(path).Images.Count.ToString(System.Globalization.CultureInfo.InvariantCulture);
        } finally {
            File.Delete(path);
        }
    }

    private static IEnumerable<string> Checkpoints(params string[] names) => names.Select(name => "checkpoints/" + name);

    private static IEnumerable<string> Images(params string[] names) => names.Select(name => "images/" + name);

    /// <summary>A folder of the project's own fixtures.</summary>
    public static string Folder(string group) => Path.Combine(Fixtures.Repository, "Tests", "Fixtures", group);
}
