using System.Diagnostics;
using System.Globalization;
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

    public static TheoryData<string> Regressions =>
        [.. FuzzTarget.All.SelectMany(target => Kept(target).Select(file => $"{target.Name}/{file}"))];

    [Theory, MemberData(nameof(Targets))]
    public void Every_damaged_file_is_read_or_refused_in_one_line(string name) {
        FuzzTarget target = FuzzTarget.All.Single(target => target.Name == name);
        byte[][] seeds = [.. target.Seeds()];
        foreach (byte[] seed in seeds) target.Read(seed);   // sound before, and all is compiled
        int read = 0, refused = 0;
        int mutations = Mutations / target.Rarity;
        for (int number = 0; number < mutations; number++) {
            byte[] file = Damaged(target, seeds, number);
            string? result = Outcome(target, file, number.ToString(CultureInfo.InvariantCulture));
            if (result is null) {
                refused++;
                continue;
            }
            read++;
            if (Environment.GetEnvironmentVariable("DENSE_MUTATIONS_OUT") is { Length: > 0 } root) Keep(root, target, file, number, result);
        }
        Assert.True(refused > mutations / 20 && read > mutations / 20,
            $"{name}: {read} read, {refused} refused: the damage is of one kind");
    }

    /// <summary>Files that once were read or refused wrongly; their names begin with what is right.</summary>
    [Theory, MemberData(nameof(Regressions))]
    public void What_was_wrong_once_stays_right(string name) {
        string[] parts = name.Split('/');
        byte[] file = File.ReadAllBytes(Path.Combine(FuzzTarget.Fixture("regressions"), parts[0], parts[1]));
        string? result = Outcome(FuzzTarget.All.Single(target => target.Name == parts[0]), file, parts[1]);
        Assert.Equal(parts[1].Split('_')[0], result is null ? "refused" : "read");
    }

    /// <summary>As confirm.py says, with some more files of each kind.</summary>
    [PythonFact("torch", "numpy", "cv2")]
    public void What_is_read_is_what_other_readers_read() {
        string folder = Directory.CreateTempSubdirectory("dense-fuzz-").FullName;
        try {
            foreach (FuzzTarget target in FuzzTarget.All.Where(target => target.Rarity == 1)) {
                byte[][] seeds = [.. target.Seeds()];
                for (int number = 100_000; number < 100_000 + Mutations / 5; number++) {
                    byte[] file = Damaged(target, seeds, number);
                    if (Outcome(target, file, $"{number}") is { } result) Keep(folder, target, file, number, result);
                }
            }
            Python.Run(Path.Combine(Fixtures.Repository, "Tests", "Fuzzing", "confirm.py"), folder);
        } finally {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<string> Kept(FuzzTarget target) {
        string folder = Path.Combine(FuzzTarget.Fixture("regressions"), target.Name);
        return Directory.Exists(folder) ? Directory.GetFiles(folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)
            : [];
    }

    private static byte[] Damaged(FuzzTarget target, byte[][] seeds, int number) {
        var random = new Random(HashOf(target.Name) ^ number);
        var mutator = new Mutator(random);
        byte[] seed = seeds[random.Next(seeds.Length)], other = seeds[random.Next(seeds.Length)];
        if (target.Forge is not null && random.Next(2) == 0) return target.Forge(seed, other, mutator);
        byte[] file = mutator.Mutate(seed, other, target.Words);
        if (target.Repair is not null && random.Next(2) == 0) target.Repair(file);
        return file;
    }

    /// <summary>What was read, or null if it was refused.</summary>
    private static string? Outcome(FuzzTarget target, byte[] file, string name) {
        long before = GC.GetTotalAllocatedBytes();
        long start = Stopwatch.GetTimestamp();
        string? result = null;
        Exception? failure = null;
        try {
            result = target.Read(file);
        } catch (Exception e) {
            failure = e;
        }
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        long allocated = GC.GetTotalAllocatedBytes() - before, allowed = 2L * file.Length + Spare;
        if (failure is not (null or DenseEngineException) || failure?.Message.AsSpan().IndexOfAny('\r', '\n') >= 0)
            Fail(target, file, name, $"ended with {failure}");
        if (took > Patience) Fail(target, file, name, $"took {took}");
        if (allocated > allowed)
            Fail(target, file, name, $"allocated {allocated} bytes for a file of {file.Length} ({failure?.Message ?? "read"})");
        return result;
    }

    private static void Fail(FuzzTarget target, byte[] file, string name, string what) {
        string folder = Path.Combine(Fixtures.Repository, "artifacts", "mutations");
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, $"{target.Name}-{name}");
        File.WriteAllBytes(path, file);
        Assert.Fail($"{target.Name} mutation {name} (kept as {path}) {what}");
    }

    private static void Keep(string root, FuzzTarget target, byte[] file, int number, string result) {
        string folder = Path.Combine(root, target.Name);
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, $"{number}"), file);
        File.WriteAllText(Path.Combine(folder, $"{number}.read"), result);
    }

    private static int HashOf(string name) => name.Aggregate(17, (hash, letter) => unchecked(31 * hash + letter));
}
