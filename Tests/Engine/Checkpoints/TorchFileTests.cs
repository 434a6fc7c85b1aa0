using Xunit;

namespace DenseEngine.Tests;

/// <summary>What the files of the fixtures do not show: options, states, threads, sizes.</summary>
public sealed class TorchFileTests {
    private static string Fixture(string name) => Path.Combine(Fixtures.Folders("checkpoints").First().Folder, name);

    [Fact]
    public void A_wrong_checksum_is_refused_by_name_unless_it_is_to_be_ignored() {
        string path = Fixture("broken/crc_wrong_storage.pth");
        using (CheckpointFile strict = CheckpointFile.Open(path)) {
            Exception?[] thrown = [.. strict.Entries.Select(entry => Record.Exception(() => strict.Read(entry.Name).Dispose()))];
            Exception damaged = Assert.Single(thrown, each => each is not null)!;
            Assert.Contains("record 'basic_zip/data/1' is damaged", Assert.IsType<CheckpointException>(damaged).Message,
                StringComparison.Ordinal);
        }
        using CheckpointFile loose = CheckpointFile.Open(path, new CheckpointOptions { IgnoreChecksums = true }),
            sound = CheckpointFile.Open(Fixture("basic_zip.pth"));
        Assert.Single(sound.Entries, entry => !loose.ReadBytes(entry.Name).SequenceEqual(sound.ReadBytes(entry.Name)));
    }

    [Fact]
    public void The_state_is_found_without_what_is_around_it() {
        using CheckpointFile plain = CheckpointFile.Open(Fixture("basic_zip.pth")),
            parallel = CheckpointFile.Open(Fixture("module_prefix.pth")), nested = CheckpointFile.Open(Fixture("nested_legacy.pth"));
        Assert.Equal(14, plain.State().Count);
        Assert.Equal(plain.State().Keys, parallel.State().Keys);
        Assert.Equal(plain.State().Keys, nested.State().Keys);
        Assert.Equal("state_dict/module.conv1.weight", parallel.State()["conv1.weight"].Name);
    }

    [Fact]
    public void Objects_that_are_not_read_are_named() {
        using CheckpointFile file = CheckpointFile.Open(Fixture("nested_zip.pth"));
        Assert.Equal("datetime.datetime", file.Objects["meta/when"]);
        Assert.Contains("someproject.hooks.MessageHub", file.Objects.Values);
    }

    [Theory]
    [InlineData("views_zip.pth")]
    [InlineData("rezipped_deflate.pth")]
    [InlineData("views_legacy.pth")]
    public void Threads_read_the_same_as_one(string name) {
        using CheckpointFile file = CheckpointFile.Open(Fixture(name)),
            stream = CheckpointFile.Open(new MemoryStream(File.ReadAllBytes(Fixture(name))));
        byte[][] alone = [.. file.Entries.Select(entry => file.ReadBytes(entry.Name))];
        var failures = new int[8];
        Thread[] threads = [.. Enumerable.Range(0, failures.Length).Select(number => new Thread(() => {
            for (int i = 0; i < 20 * alone.Length; i++) {
                int which = (i + number) % alone.Length;
                byte[] read = (number % 2 == 0 ? file : stream).ReadBytes(file.Entries[which].Name);
                if (!read.SequenceEqual(alone[which])) failures[number]++;
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.All(failures, count => Assert.Equal(0, count));
    }

    [Fact]
    public void Archives_beyond_4_GB_are_read() {
        byte[] file = File.ReadAllBytes(Fixture("basic_zip.pth"));
        using var sound = CheckpointFile.Open(new MemoryStream(file));
        using var store = new ByteStore(new MemoryStream(file), "basic_zip.pth");
        var large = new FarStream(5L << 30);
        var writer = new ZipWriter(large);
        foreach (ZipEntry entry in ZipDirectory.Read(store)) writer.Add(entry.Name, ZipRecord.Read(store, entry, new CheckpointOptions()));
        writer.Finish();
        using CheckpointFile far = CheckpointFile.Open(large);
        Assert.Equal(14, far.Entries.Count);
        foreach (CheckpointEntry entry in sound.Entries) Assert.Equal(sound.ReadBytes(entry.Name), far.ReadBytes(entry.Name));
    }

    [Fact]
    public void Every_cut_of_a_file_is_refused() {
        foreach (string name in (string[])["handmade.pth", "handmade_legacy.pth", "rezipped_deflate.pth"]) {
            byte[] file = File.ReadAllBytes(Fixture(name));
            for (int length = 0; length < file.Length; length++)
                Assert.Throws<CheckpointException>(() => CheckpointFile.Open(new MemoryStream(file[..length])).Dispose());
        }
    }

    [Fact]
    public void Checksums_are_those_of_the_definition() {
        var bytes = new byte[1000];
        for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)(i * i * 7 + i / 3);
        Assert.Equal(0xCBF43926u, Crc32.Of("123456789"u8));   // the check value of the catalogues
        for (int length = 0; length <= bytes.Length; length += length < 300 ? 1 : 47) {
            uint expected = uint.MaxValue;
            foreach (byte value in bytes.AsSpan(0, length)) {
                expected ^= value;
                for (int bit = 0; bit < 8; bit++) expected = (expected & 1) != 0 ? (expected >> 1) ^ 0xEDB88320u : expected >> 1;
            }
            Assert.Equal(~expected, Crc32.Of(bytes.AsSpan(0, length)));
            Assert.Equal(~expected, Crc32.Append(Crc32.Of(bytes.AsSpan(0, length / 3)), bytes.AsSpan(length / 3, length - length / 3)));
        }
    }

    /// <summary>A stream of memory from a far place on. What is read before that place is the memory's beginning: a zip's first bytes, and
    /// as many zeros as are searched for a zip's end.</summary>
    private sealed class FarStream : Stream {
        private readonly MemoryStream memory = new();
        private readonly long start;
        private long position;

        public FarStream(long start) {
            memory.Write("PK"u8);
            memory.Write(new byte[1 << 17]);
            this.start = start;
            position = Length;
        }

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => true;

        public override long Length => start + memory.Length;

        public override long Position { get => position; set => position = value; }

        public override int Read(byte[] buffer, int offset, int count) {
            memory.Position = Math.Max(0, position - start);
            int read = memory.Read(buffer, offset, count);
            position += read;
            return read;
        }

        public override void Write(byte[] buffer, int offset, int count) {
            memory.Position = position - start;
            memory.Write(buffer, offset, count);
            position += count;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
