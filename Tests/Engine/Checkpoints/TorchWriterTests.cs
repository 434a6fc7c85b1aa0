using System.Globalization;
using Xunit;

namespace DenseEngine.Tests;

public sealed class TorchWriterTests : IDisposable {
    private readonly string folder = Directory.CreateTempSubdirectory("dense").FullName;
    private readonly TensorScope scope = new();

    public void Dispose() {
        scope.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static (string Name, Tensor Tensor)[] Tensors => [
        ("conv.weight", Tensor.From([1.5f, -0f, float.NaN, float.PositiveInfinity, 1e-45f, 3], [2, 1, 3])),
        ("naïve 世", Tensor.Scalar(0.1f)),
        ("bn.num_batches_tracked", Tensor.From([int.MinValue], [])),
        ("labels", Tensor.From([-1, 0, int.MaxValue], [3])),
        ("nothing", Tensor.Zeros([0, 4])),
    ];

    private static Dictionary<string, object?> Values => new (string, object?)[] {
        ("meta/config", "model = dict(type='GFL')\n"), ("meta/CLASSES/0", "person"), ("meta/CLASSES/1", "café"), ("meta/epoch", 12L),
        ("meta/seed", null), ("meta/big", 1L << 40), ("meta/pi", Math.PI), ("meta/flag", true), ("meta/other", false),
        ("dense.config", "{}"),
    }.ToDictionary();

    [Fact]
    public void What_is_written_is_read_again() {
        string path = Path.Combine(folder, "deeper", "model.pth");
        TorchWriter.Write(path, Tensors, Values);
        using CheckpointFile file = CheckpointFile.Open(path);
        Assert.Equal("PyTorch zip", file.Format);
        Assert.Equal(Tensors.Select(tensor => "state_dict/" + tensor.Name), file.Entries.Select(entry => entry.Name));
        IReadOnlyDictionary<string, CheckpointEntry> state = file.State();
        foreach ((string name, Tensor tensor) in Tensors) {
            Compare.SameBits(name, tensor, file.Read(state[name].Name));
            Assert.Equal(tensor.DType == DType.Float32 ? "F32" : "I64", state[name].Type);
        }
        Assert.Equal(Values, file.Values);
    }

    [Fact]
    public void Types_are_kept_that_PyTorch_has() {
        string path = Path.Combine(folder, "types.pth");
        using CheckpointFile types = CheckpointFile.Open(Path.Combine(Fixtures.Folders("checkpoints").First().Folder, "dtypes_legacy.pth"));
        TorchWriter.Write(path, [.. types.Entries.Select(entry => StoredTensor.Of(entry.Name, types, entry))]);
        using CheckpointFile read = CheckpointFile.Open(path);
        foreach ((string name, CheckpointEntry entry) in read.State()) {
            Assert.Equal(types[name].Type, entry.Type);
            Assert.Equal(types[name].Shape, entry.Shape);
            Assert.Equal(types.ReadBytes(name), read.ReadBytes(entry.Name));
        }
        Assert.Contains("U16, which PyTorch has not", Assert.Throws<CheckpointException>(
            () => TorchWriter.Write(path, [new StoredTensor("a", "U16", [1], () => new byte[2])])).Message, StringComparison.Ordinal);
    }

    [PythonFact("torch")]
    public void PyTorch_reads_what_is_written() {
        string path = Path.Combine(folder, "model.pth");
        TorchWriter.Write(path, Tensors, Values);
        string[] lines = Python.Run("-c", """
            import sys, torch
            file = torch.load(sys.argv[1])
            meta, state = file['meta'], file['state_dict']
            print(list(file), type(state).__name__, meta['config'].strip(), meta['CLASSES'] == ('person', 'café'),
                  meta['epoch'], meta['seed'], meta['big'], meta['pi'], meta['flag'], meta['other'])
            for name, tensor in state.items():
                bits = tensor.view(torch.int32) if tensor.dtype == torch.float32 and tensor.dim() else tensor
                print(ascii(name), tensor.dtype, list(tensor.shape), bits.tolist())
            """, path).TrimEnd().Split('\n');
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"['meta', 'dense.config', 'state_dict'] OrderedDict "
            + $"model = dict(type='GFL') True 12 None {1L << 40} {Math.PI:R} True False"), lines[0]);
        Assert.Equal([
            "'conv.weight' torch.float32 [2, 1, 3] [[[1069547520, -2147483648, -4194304]], [[2139095040, 1, 1077936128]]]",
            "'na\\xefve \\u4e16' torch.float32 [] 0.10000000149011612",
            "'bn.num_batches_tracked' torch.int64 [] -2147483648",
            "'labels' torch.int64 [3] [-1, 0, 2147483647]",
            "'nothing' torch.float32 [0, 4] []",
        ], lines[1..]);
    }

    [Fact]
    public void Storages_begin_at_multiples_of_64_bytes_and_files_repeat() {
        string first = Path.Combine(folder, "first.pth"), second = Path.Combine(folder, "second.pth");
        TorchWriter.Write(first, Tensors, Values);
        TorchWriter.Write(second, Tensors, Values);
        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(second));
        using var store = new ByteStore(File.OpenRead(first), first);
        Assert.All(ZipDirectory.Read(store), entry => Assert.Equal(0, entry.Data % 64));
    }

    [Fact]
    public void What_cannot_be_written_leaves_the_old_file() {
        string path = Path.Combine(folder, "model.pth");
        TorchWriter.Write(path, [("a", Tensor.Scalar(1))]);
        byte[] before = File.ReadAllBytes(path);
        Tensor freed = Tensor.Scalar(3);
        freed.Dispose();
        Assert.Throws<GraphException>(() => TorchWriter.Write(path, [("a", Tensor.Scalar(2)), ("b", freed)]));
        Assert.Contains("two tensors are named 'a'", Assert.Throws<CheckpointException>(
            () => TorchWriter.Write(path, [("a", Tensor.Scalar(2)), ("a", Tensor.Scalar(3))])).Message, StringComparison.Ordinal);
        (string, Tensor)[] none = [];
        Assert.Throws<ArgumentException>(() => TorchWriter.Write(path, none, [new("date", DateTime.UnixEpoch)]));
        Assert.Throws<CheckpointException>(() => TorchWriter.Write(path, none, [new("meta", 1), new("meta/config", "")]));
        Assert.Throws<CheckpointException>(() => TorchWriter.Write(path, none, [new("state_dict/a", 1)]));
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(folder));
    }
}
