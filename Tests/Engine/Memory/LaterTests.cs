using Xunit;

namespace DenseEngine.Tests;

/// <summary>Tensors whose contents are made when they are needed.</summary>
public class LaterTests {
    private sealed class Copy(float[] values) : IDisposable {
        public float[] Values => values;

        public void Dispose() { }
    }

    [Fact]
    public void What_is_derived_does_not_keep_the_contents() {
        int made = 0;
        using Tensor later = Tensor.Later([3], target => {
            made++;
            new float[] { 1, 2, 3 }.CopyTo(target.Span);
        });
        Assert.Equal(0, made);
        Copy first = later.Derived("a", () => new Copy([.. later.ToArray(), later.Span[2]])),
            second = later.Derived("b", () => new Copy(later.ToArray()));
        Assert.Equal(2, made);   // a loan each
        Assert.Equal([1, 2, 3, 3], first.Values);
        Assert.Equal([1, 2, 3], second.Values);
        later.Span[0] = 5;
        Assert.Equal([5f, 2, 3], later.ToArray());
        later.MarkChanged();
        Assert.Equal([5, 2, 3], later.Derived("a", () => new Copy(later.ToArray())).Values);
        Assert.Equal(3, made);
    }

    [Fact]
    public void Contents_that_cannot_be_made_are_asked_for_again() {
        bool broken = true;
        using Tensor later = Tensor.Later([1], target => target.Span[0] = broken ? throw new CheckpointException("broken") : 7);
        Assert.Throws<CheckpointException>(() => later.ToArray());
        Assert.Throws<CheckpointException>(() => later.Derived("a", () => new Copy(later.ToArray())));
        broken = false;
        Assert.Equal([7f], later.Derived("a", () => new Copy(later.ToArray())).Values);
        Assert.Equal(7, later.Item());
    }

    [Fact]
    public void Threads_that_need_them_at_once_see_one_copy() {
        for (int round = 0; round < 50; round++) {
            using Tensor later = Tensor.Later([1000], target => target.Device.Fill(target, 1));
            using var start = new Barrier(3);
            Thread[] threads = [.. Enumerable.Range(0, 3).Select(number => new Thread(() => {
                start.SignalAndWait();
                if (number == 0) later.Derived("a", () => new Copy(later.ToArray()));
                else later.Span[number] = 2;
            }))];
            foreach (Thread thread in threads) thread.Start();
            foreach (Thread thread in threads) thread.Join();
            Assert.Equal(1002, later.ToArray().Sum());
        }
    }
}
