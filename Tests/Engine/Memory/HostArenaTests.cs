using Xunit;

namespace DenseEngine.Tests;

/// <summary>The arena: blocks that do not overlap, memory that is found again, joined, counted and given back.</summary>
public unsafe class HostArenaTests {
    private const long Megabyte = 1 << 20;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Blocks_in_use_keep_what_was_written_to_them(bool keeps) {
        var arena = new HostArena(keeps);
        var random = new Philox(3);
        var live = new List<(nint Block, long Size, int Mark)>();
        long bytes = 0;
        for (int step = 1; step <= 3000; step++) {
            if (live.Count > 0 && (live.Count > 40 || random.Next(2) == 0)) {
                (nint block, long size, int mark) = live[random.Next(live.Count)];
                Assert.True(Marks(block, size).All(place => *(int*)place == mark), $"block {mark} was overwritten");
                live.Remove((block, size, mark));
                arena.Return(block, size);
                bytes -= size;
            } else {
                long size = HostArena.Round(HostArena.Least + random.Next((int)(3 * Megabyte)));
                nint block = arena.Take(size, long.MaxValue);
                foreach (nint place in Marks(block, size)) *(int*)place = step;
                live.Add((block, size, step));
                bytes += size;
            }
            if (random.Next(100) == 0) arena.Trim();
            Assert.InRange(arena.Reserved, bytes, keeps ? long.MaxValue : bytes);
        }
        foreach ((nint block, long size, _) in live) arena.Return(block, size);
        arena.Trim();
        Assert.Equal(0, arena.Reserved);
    }

    [Fact]
    public void The_same_sequence_finds_the_same_places_and_no_more_memory() {
        var arena = new HostArena(keeps: true);
        List<nint> Pass(int seed) {
            var random = new Philox((ulong)seed);
            var live = new List<(nint Block, long Size)>();
            var places = new List<nint>();
            for (int i = 0; i < 200; i++) {
                long size = HostArena.Round(HostArena.Least * (1 + random.Next(16)));
                live.Add((arena.Take(size, long.MaxValue), size));
                places.Add(live[^1].Block);
                if (live.Count <= 4) continue;
                (nint block, long freed) = live[random.Next(live.Count)];
                live.Remove((block, freed));
                arena.Return(block, freed);
            }
            foreach ((nint block, long size) in live) arena.Return(block, size);
            return places;
        }
        Pass(1);
        Pass(2);
        long reserved = arena.Reserved;
        List<nint> first = Pass(1);
        Pass(2);
        Assert.Equal(first, Pass(1));
        Assert.Equal(reserved, arena.Reserved);
        arena.Trim();
    }

    [Fact]
    public void Small_freed_neighbours_make_one_large_block() {
        var arena = new HostArena(keeps: true);
        nint[] parts = [.. Enumerable.Range(0, 8).Select(_ => arena.Take(Megabyte, long.MaxValue))];
        foreach (int i in (int[])[3, 1, 7, 5, 0, 2, 6, 4]) arena.Return(parts[i], Megabyte);
        nint whole = arena.Take(8 * Megabyte, most: 0);   // no new memory is needed
        nint longer = arena.Take(2 * Megabyte, long.MaxValue);
        arena.Return(longer, 2 * Megabyte);
        arena.Return(whole, 8 * Megabyte);
        Assert.Equal(parts.Min(), arena.Take(12 * Megabyte, most: 2 * Megabyte));   // ten megabytes were touched
        Assert.Equal(12 * Megabyte, arena.Reserved);
        Assert.Throws<OutOfDeviceMemoryException>(() => arena.Take(Megabyte, most: Megabyte - 1));
        arena.Return(parts.Min(), 12 * Megabyte);
        arena.Trim();
    }

    [Fact]
    public void Memory_that_went_back_to_the_system_is_new_when_it_is_taken_again() {
        if (!OperatingSystem.IsLinux()) return;
        var arena = new HostArena(keeps: false);
        nint held = arena.Take(4 * Megabyte, long.MaxValue), block = arena.Take(4 * Megabyte, long.MaxValue);
        *(long*)held = 1;
        *(long*)block = 2;
        arena.Return(block, 4 * Megabyte);
        Assert.Equal(4 * Megabyte, arena.Reserved);
        Assert.Equal(block, arena.Take(4 * Megabyte, long.MaxValue));
        Assert.Equal((1, 0), (*(long*)held, *(long*)block));
        arena.Return(block, 4 * Megabyte);
        arena.Return(held, 4 * Megabyte);
        arena.Trim();
    }

    private static IEnumerable<nint> Marks(nint block, long size) => [block, (nint)(block + size / 2), (nint)(block + size - 4)];
}
