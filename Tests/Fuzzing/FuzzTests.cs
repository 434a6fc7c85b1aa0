using System.Diagnostics;
using System.Globalization;
using System.Text;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Tests that measure what they allocate run alone.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

/// <summary>Damaged files: each ends as a refusal in one line or as a result, in little time and memory. DENSE_MUTATIONS says how many a
/// reader gets; DENSE_MUTATIONS_OUT names a folder for those that were read, which confirm.py compares with independent readers.</summary>
[Collection(nameof(Alone))]
public sealed class FuzzTests {
    private const long Spare = 16 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly int Mutations =
        int.Parse(Environment.GetEnvironmentVariable("DENSE_MUTATIONS") ?? "1000", CultureInfo.InvariantCulture);

    public static TheoryData<string> Targets => [.. FuzzTarget.All.Select(target => target.Name)];

    [Theory, MemberData(nameof(Targets))]
    public void Every_damaged_file_is_read_or_refused_in_one_line(string name) {
        FuzzTarget target = FuzzTarget.All.Single(target => target.Name == name);
        byte[][] seeds = [.. target.Seeds.Select(seed => target.Extract(File.ReadAllBytes(FuzzTarget.Folder(seed))))];
        byte[][] words = [.. target.Words.Select(Encoding.UTF8.GetBytes)];
        foreach (byte[] seed in seeds) Assert.Null(Record.Exception(() => target.Read(seed)));   // sound before, and all is compiled
        int read = 0, refused = 0;
        for (int number = 0; number < Mutations; number++) {
            byte[] file = Damaged(target, seeds, words, number);
            string? hash = Outcome(target, file, number);
            if (hash is null) {
                refused++;
                continue;
            }
            read++;
            Keep(target, file, number, hash);
        }
        Assert.True(refused > Mutations / 20 && read > Mutations / 200, $"{name}: {read} read, {refused} refused: the damage is of one kind");
    }

    private static byte[] Damaged(FuzzTarget target, byte[][] seeds, byte[][] words, int number) {
        var random = new Random(HashOf(target.Name) ^ number);
        byte[] seed = seeds[random.Next(seeds.Length)], other = seeds[random.Next(seeds.Length)];
        byte[] file = new Mutator(random).Mutate(seed, other, words);
        if (target.Repair is not null && random.Next(2) == 0) target.Repair(file);
        return file;
    }

    /// <summary>The hash of what was read, or null if it was refused.</summary>
    private static string? Outcome(FuzzTarget target, byte[] file, int number) {
        long before = GC.GetTotalAllocatedBytes();
        long start = Stopwatch.GetTimestamp();
        string? hash = null;
        Exception? failure = null;
        try {
            hash = target.Read(file);
        } catch (Exception e) {
            failure = e;
        }
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        long allocated = GC.GetTotalAllocatedBytes() - before, allowed = 2L * file.Length + Spare;
        if (failure is not (null or DenseEngineException) || failure?.Message.AsSpan().IndexOfAny('\r', '\n') >= 0)
            Fail(target, file, number, $"ended with {failure}");
        if (took > Patience) Fail(target, file, number, $"took {took}");
        if (allocated > allowed) Fail(target, file, number, $"allocated {allocated} bytes for a file of {file.Length} ({failure?.Message ?? "read"})");
        return hash;
    }

    private static void Fail(FuzzTarget target, byte[] file, int number, string what) {
        string folder = Path.Combine(Fixtures.Repository, "artifacts", "mutations");
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, $"{target.Name}-{number}");
        File.WriteAllBytes(path, file);
        Assert.Fail($"{target.Name} mutation {number} (kept as {path}) {what}");
    }

    private static void Keep(FuzzTarget target, byte[] file, int number, string hash) {
        if (Environment.GetEnvironmentVariable("DENSE_MUTATIONS_OUT") is not { Length: > 0 } root) return;
        string folder = Path.Combine(root, target.Name);
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, $"{number}-{hash}"), file);
    }

    private static int HashOf(string name) => name.Aggregate(17, (hash, letter) => unchecked(31 * hash + letter));
}
