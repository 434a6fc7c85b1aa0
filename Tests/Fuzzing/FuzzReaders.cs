using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DenseEngine.Models;
using DenseEngine.Training;

namespace DenseEngine.Tests;

/// <summary>Reads all of a file of strangers, in memory, and says what was read as confirm.py does.</summary>
internal static class FuzzReaders {
    /// <summary>A hash of a checkpoint's tensors and plain values, each by name.</summary>
    public static string Checkpoint(byte[] file) {
        using CheckpointFile checkpoint = CheckpointFile.Open(new MemoryStream(file), "file");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (CheckpointEntry entry in checkpoint.Entries.OrderBy(entry => entry.Name, StringComparer.Ordinal)) {
            hash.AppendData(Encoding.UTF8.GetBytes($"{entry.Name}\0{entry.Type}\0{string.Join(',', entry.Shape)}\0"));
            hash.AppendData(checkpoint.ReadBytes(entry.Name));
            Convert(checkpoint, entry);
        }
        foreach ((string path, object? value) in checkpoint.Values.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes($"{path}\0{Plain(value)}\0"));
        _ = checkpoint.State();
        return System.Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Makes a detector of a checkpoint that says what its network is; nothing is told of it.</summary>
    public static string Detector(byte[] file) {
        using Detector detector = Models.Detector.Load(new MemoryStream(file));
        return "";
    }

    /// <summary>A hash of a picture's size and pixels.</summary>
    public static string Picture(byte[] file) {
        Picture picture = Models.Picture.Load(file);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{picture.Height} {picture.Width}\n"));
        hash.AppendData(picture.Pixels);
        return System.Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>What is kept of annotations, as JSON.</summary>
    public static string Annotations(byte[] file) => InFile(file, path => {
        var read = new CocoAnnotations(path);
        DemandLines(read.Problems);
        return JsonSerializer.Serialize(new {
            images = read.Images.Select(image => new object[] { image.Id, image.Width, image.Height, image.FileName }),
            categories = read.Categories.Select(category => new object[] { category.Id, category.Name }),
            annotations = read.Annotations.Select(one => new object[] {
                one.Id, one.ImageId, one.CategoryId, one.X, one.Y, one.Width, one.Height, one.Area, one.IsCrowd, one.Ignore,
            }),
        });
    });

    /// <summary>What is kept of detections on the pictures of one case, as JSON.</summary>
    public static string Results(byte[] file) => InFile(file, path => {
        var read = new CocoResults(path, new CocoAnnotations(FuzzTarget.Fixture("coco/mixed/annotations.json")));
        DemandLines(read.Problems);
        return JsonSerializer.Serialize(read.Results.Select(one =>
            new object[] { one.ImageId, one.CategoryId, one.X, one.Y, one.Width, one.Height, one.Score }));
    });

    /// <summary>The other ways to read a tensor may refuse a value that is too large, and nothing else.</summary>
    private static void Convert(CheckpointFile checkpoint, CheckpointEntry entry) {
        if (ElementConversion.IsFloating(entry.Type)) {
            checkpoint.ReadSingle(entry.Name);
            return;
        }
        try {
            checkpoint.ReadInt32(entry.Name);
        } catch (CheckpointException e) when (e.Message.Contains("has a value beyond", StringComparison.Ordinal)) { }
    }

    private static string Plain(object? value) => value switch {
        null => "none",
        bool truth => truth ? "true" : "false",
        long number => string.Create(CultureInfo.InvariantCulture, $"int {number}"),
        double number => $"float {BitConverter.DoubleToInt64Bits(number):x16}",
        _ => $"text {value}",
    };

    private static void DemandLines(IReadOnlyList<CocoProblem> problems) {
        if (problems.FirstOrDefault(problem => problem.Text.AsSpan().IndexOfAny('\r', '\n') >= 0) is { } problem)
            throw new InvalidOperationException($"a problem's text has several lines: {problem.Text}");
    }

    private static string InFile(byte[] file, Func<string, string> read) {
        string path = Path.Combine(Path.GetTempPath(), $"dense-fuzz-{Environment.ProcessId}.json");
        File.WriteAllBytes(path, file);
        try {
            return read(path);
        } finally {
            File.Delete(path);
        }
    }
}
