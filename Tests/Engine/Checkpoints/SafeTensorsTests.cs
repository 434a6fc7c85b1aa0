using System.Buffers.Binary;
using System.Text;
using Xunit;

namespace DenseEngine.Tests;

public sealed class SafeTensorsTests : IDisposable {
    private readonly string folder = Directory.CreateTempSubdirectory("dense").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void What_is_written_is_read_again() {
        string path = Path.Combine(folder, "deeper", "state.safetensors");
        using var scope = new TensorScope();
        (string Name, Tensor Tensor)[] tensors = [
            ("weight", Tensor.From([1.5f, -0f, float.NaN, float.PositiveInfinity, 1e-45f, 3], [2, 1, 3])),
            ("steps \"é\n", Tensor.From([int.MinValue, 7], [2])),
            ("scalar", Tensor.Scalar(0.1f)),
            ("nothing", Tensor.Zeros([0, 4])),
        ];
        SafeTensorsWriter.Write(path, tensors, new Dictionary<string, string> { ["config"] = "{\"ü\": 1}", ["empty"] = "" });
        using CheckpointFile file = CheckpointFile.Open(path);
        Assert.Equal(tensors.Select(tensor => tensor.Name).Order(), file.Entries.Select(entry => entry.Name).Order());
        foreach ((string name, Tensor tensor) in tensors) Compare.SameBits(name, tensor, file.Read(name));
        Assert.Equal("{\"ü\": 1}", file.Text("config"));
        Assert.Equal("", file.Text("empty"));
        Assert.Equal(2, file.Values.Count);
    }

    [Fact]
    public void Data_begin_at_a_multiple_of_eight_bytes() {
        for (int length = 1; length <= 8; length++) {
            string path = Path.Combine(folder, "padded.safetensors");
            SafeTensorsWriter.Write(path, [(new string('n', length), Tensor.Scalar(2))]);
            byte[] bytes = File.ReadAllBytes(path);
            long header = BinaryPrimitives.ReadInt64LittleEndian(bytes);
            Assert.Equal(0, header % 8);
            Assert.Equal(8 + header + 4, bytes.Length);
            Assert.Matches(@"^\{.*\} *$", Encoding.UTF8.GetString(bytes, 8, (int)header));
        }
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_file() {
        string path = Path.Combine(folder, "state.safetensors");
        SafeTensorsWriter.Write(path, [("a", Tensor.Scalar(1))]);
        byte[] before = File.ReadAllBytes(path);
        Tensor freed = Tensor.Scalar(3);
        freed.Dispose();
        Assert.Throws<GraphException>(() => SafeTensorsWriter.Write(path, [("a", Tensor.Scalar(2)), ("b", freed)]));
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Contains("two tensors are named 'a'", Assert.Throws<CheckpointException>(
            () => SafeTensorsWriter.Write(path, [("a", Tensor.Scalar(2)), ("a", Tensor.Scalar(3))])).Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(folder));
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_named() {
        string file = Path.Combine(folder, "file"), path = Path.Combine(file, "state.safetensors");
        File.WriteAllText(file, "no folder");
        Assert.Contains(path, Assert.Throws<CheckpointException>(() => SafeTensorsWriter.Write(path, [("a", Tensor.Scalar(1))])).Message,
            StringComparison.Ordinal);
        Assert.Contains("cannot be opened", Assert.Throws<CheckpointException>(() => CheckpointFile.Open(path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Shapes_that_no_tensor_has_are_refused() {
        string path = Path.Combine(folder, "large.safetensors");
        byte[] header = Encoding.UTF8.GetBytes("""{"n":{"dtype":"F32","shape":[2147483647,2147483647,0],"data_offsets":[0,0]}}""");
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)header.Length), .. header]);
        using CheckpointFile file = CheckpointFile.Open(path);
        Assert.Empty(file.ReadBytes("n"));
        Assert.Contains("larger than a tensor", Assert.Throws<CheckpointException>(() => file.Read("n")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_beyond_32_bits_are_refused() {
        string path = Path.Combine(folder, "long.safetensors");
        byte[] header = Encoding.UTF8.GetBytes("""{"n":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}""");
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)header.Length), .. header, .. BitConverter.GetBytes(1L << 40)]);
        using CheckpointFile file = CheckpointFile.Open(path);
        Assert.Contains("beyond 32 bits", Assert.Throws<CheckpointException>(() => file.Read("n")).Message, StringComparison.Ordinal);
    }
}
