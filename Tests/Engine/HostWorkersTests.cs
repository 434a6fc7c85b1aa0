using Xunit;

namespace DenseEngine.Tests;

public class HostWorkersTests {
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Every_item_runs_once_also_nested(int threads) {
        using var workers = new HostWorkers(threads);
        int[] ran = new int[64 * 64];
        for (int round = 0; round < 200; round++)
            workers.For(64, outer => workers.For(64, inner => Interlocked.Increment(ref ran[outer * 64 + inner])));
        Assert.All(ran, count => Assert.Equal(200, count));
    }

    [Fact]
    public void Several_callers_at_once_all_finish() {
        using var workers = new HostWorkers(3);
        long total = 0;
        Thread[] callers = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() => {
            for (int round = 0; round < 2000; round++) workers.For(7, item => Interlocked.Add(ref total, item));
        }))];
        foreach (Thread caller in callers) caller.Start();
        foreach (Thread caller in callers) Assert.True(caller.Join(TimeSpan.FromMinutes(1)), "a caller hangs");
        Assert.Equal(4 * 2000 * 21, total);
    }

    [Fact]
    public void Sleeping_workers_wake_and_an_exception_reaches_the_caller() {
        using var workers = new HostWorkers(2);
        for (int round = 0; round < 20; round++) {
            Thread.Sleep(15);
            int ran = 0;
            var thrown = Assert.Throws<InvalidOperationException>(() => workers.For(9, item => {
                Interlocked.Increment(ref ran);
                if (item == 4) throw new InvalidOperationException("item 4");
            }));
            Assert.Equal("item 4", thrown.Message);
            Assert.Equal(9, ran);
        }
    }

    [Fact]
    public void Ranges_cover_everything_and_do_not_depend_on_threads() {
        foreach (int threads in (int[])[1, 3]) {
            using var workers = new HostWorkers(threads);
            var ranges = new System.Collections.Concurrent.ConcurrentBag<(int, int)>();
            workers.ForRange(1000, 300, (from, until) => ranges.Add((from, until)));
            Assert.Equal([(0, 300), (300, 600), (600, 900), (900, 1000)], ranges.Order());
        }
    }
}
