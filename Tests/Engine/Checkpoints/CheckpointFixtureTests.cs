using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Every file of the fixtures, good or broken, ends as its <c>expected.json</c> says.</summary>
public sealed class CheckpointFixtureTests {
    /// <summary>What hostile files try to make.</summary>
    private const string Trace = "dense_engine_was_tricked";

    public static TheoryData<string> GoodFiles => [.. Rows("checkpoints").Select(row => row.Name)];

    public static TheoryData<string> BrokenFiles => [.. Rows("checkpoints/broken").Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(GoodFiles))]
    public void Tensors_and_values_are_the_expected_ones(string name) {
        (_, string path, JsonElement expected) = Rows("checkpoints").Single(row => row.Name == name);
        using CheckpointFile file = CheckpointFile.Open(path);
        Assert.Equal(expected.GetProperty("format").GetString(), file.Format.Split(' ')[^1]);
        CompareWith(expected, file);
    }

    [Theory]
    [MemberData(nameof(GoodFiles))]
    public void Streams_are_read_as_files_are(string name) {
        (_, string path, JsonElement expected) = Rows("checkpoints").Single(row => row.Name == name);
        using CheckpointFile seekable = CheckpointFile.Open(new MemoryStream(File.ReadAllBytes(path))),
            forward = CheckpointFile.Open(new ForwardStream(File.ReadAllBytes(path)));
        CompareWith(expected, seekable);
        CompareWith(expected, forward);
    }

    [Theory]
    [MemberData(nameof(BrokenFiles))]
    public void Broken_files_end_as_they_should(string name) {
        (_, string path, JsonElement expected) = Rows("checkpoints/broken").Single(row => row.Name == name);
        string[] outcomes = expected.GetProperty("outcome").GetString()!.Split("_or_");
        CheckpointFile? file = null;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exception? thrown = Record.Exception(() => {
            file = CheckpointFile.Open(path);
            foreach (CheckpointEntry entry in file.Entries) file.ReadBytes(entry.Name);
        });
        using (file) {
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 16_000_000 + 2 * new FileInfo(path).Length,
                "more memory than the file's size class");
            if (thrown is null) {
                Assert.Contains(outcomes, outcome => outcome is "accept" or "placeholder");
                CheckAccepted(expected, file!);
            } else {
                Assert.Contains("refuse", outcomes);
                string message = Assert.IsType<CheckpointException>(thrown).Message;
                Assert.Contains(path, message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', message);
            }
        }
        Assert.All([Path.GetDirectoryName(path)!, Environment.CurrentDirectory, Path.GetTempPath(), "/"],
            folder => Assert.False(Path.Exists(Path.Combine(folder, Trace))));
    }

    /// <summary>What was accepted may hold inert objects, but its tensor is the one that the handmade files have.</summary>
    private static void CheckAccepted(JsonElement expected, CheckpointFile file) {
        if (expected.GetProperty("category").GetString() != "forbidden_call") return;
        Assert.Equal(["evil"], file.Objects.Keys);
        Assert.Equal([0f, 1, 2, 3, 4, 5], file.ReadSingle("w"));
    }

    private static void CompareWith(JsonElement expected, CheckpointFile file) {
        JsonProperty[] tensors = [.. expected.GetProperty("tensors").EnumerateObject()];
        Assert.Equal(tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal),
            file.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal));
        foreach (JsonProperty tensor in tensors) {
            CheckpointEntry entry = file[tensor.Name];
            Assert.Equal(TypeName(tensor.Value.GetProperty("dtype").GetString()!), entry.Type);
            Assert.Equal(tensor.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()), entry.Shape);
            using Tensor read = file.Read(tensor.Name);
            bool single = tensor.Value.GetProperty("sha256_of").GetString() == "float32";
            Assert.Equal(single ? DType.Float32 : DType.Int32, read.DType);
            ReadOnlySpan<byte> bytes = single ? MemoryMarshal.AsBytes<float>(file.ReadSingle(tensor.Name))
                : MemoryMarshal.AsBytes<int>(file.ReadInt32(tensor.Name));
            Assert.Equal(tensor.Value.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(bytes)));
            Assert.True(bytes.SequenceEqual(single ? MemoryMarshal.AsBytes(read.Span) : MemoryMarshal.AsBytes(read.IntSpan)));
        }
        if (file.Format == "safetensors") return;   // the texts of these are not listed
        IEnumerable<JsonProperty> values = expected.TryGetProperty("values", out JsonElement some) ? some.EnumerateObject() : [];
        Assert.Equal(values.Select(value => $"{value.Name} = {Text(value.Value)}").Order(StringComparer.Ordinal),
            file.Values.Select(value => $"{value.Key} = {Text(value.Value)}").Order(StringComparer.Ordinal));
    }

    /// <summary>PyTorch's and numpy's name of a type in safetensors' words.</summary>
    private static string TypeName(string dtype) => dtype switch {
        "bool" => "BOOL",
        _ => dtype.Replace("bfloat", "BF", StringComparison.Ordinal).Replace("float", "F", StringComparison.Ordinal)
            .Replace("uint", "U", StringComparison.Ordinal).Replace("int", "I", StringComparison.Ordinal),
    };

    private static string Text(object? value) => value is JsonElement json
        ? json.ValueKind switch {
            JsonValueKind.Null => "None",
            JsonValueKind.String => $"text {json.GetString()}",
            JsonValueKind.Number when json.TryGetInt64(out long whole) => $"whole {whole}",
            JsonValueKind.Number => string.Create(CultureInfo.InvariantCulture, $"number {json.GetDouble():R}"),
            _ => $"truth {json.GetBoolean()}",
        }
        : value switch {
            null => "None",
            string text => $"text {text}",
            long whole => $"whole {whole}",
            double number => string.Create(CultureInfo.InvariantCulture, $"number {number:R}"),
            _ => $"truth {value}",
        };

    private static IEnumerable<(string Name, string Path, JsonElement Expected)> Rows(string group) {
        foreach ((string prefix, string place) in Fixtures.Folders(group)) {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(place, "expected.json")));
            foreach (JsonProperty row in json.RootElement.GetProperty("files").EnumerateObject())
                yield return (prefix + row.Name, Path.Combine(place, row.Name), row.Value.Clone());
        }
    }

    /// <summary>A stream that cannot seek, and gives a little at a time.</summary>
    private sealed class ForwardStream(byte[] bytes) : MemoryStream(bytes) {
        public override bool CanSeek => false;

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 100)]);
    }
}
