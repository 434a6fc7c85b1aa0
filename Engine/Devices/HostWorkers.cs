using System.Runtime.CompilerServices;

namespace DenseEngine;

/// <summary>Threads that share loops with their caller. One caller at a time has the workers; another, or a nested call, runs its whole
/// loop itself: no deadlock. Which thread runs an item is not fixed, so an item's result must depend on its number alone; then the bits
/// are the same for any number of threads.</summary>
public sealed class HostWorkers : IDisposable {
    /// <summary>Spins before a waiting thread sleeps. In between it yields: a woken thread may sit on the spinning one's core.</summary>
    private const int SpinsBeforeSleep = 20_000, SpinsBetweenYields = 200;

    [ThreadStatic]
    private static bool alone;

    private readonly Thread[] threads;
    private readonly SemaphoreSlim wake = new(0);
    private readonly Lock owner = new();
    private Loop? loop;
    private int sleeping;
    private volatile bool ending;

    /// <summary>Starts the workers.</summary>
    /// <param name="threads">How many threads share a loop, the caller included; at least 1.</param>
    public HostWorkers(int threads) {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        this.threads = new Thread[threads - 1];
        for (int i = 0; i < this.threads.Length; i++) {
            this.threads[i] = new Thread(number => Work((int)number!)) { IsBackground = true, Name = $"DenseEngine worker {i + 1}" };
            this.threads[i].Start(i + 1);
        }
    }

    /// <summary>How many threads share a loop, the caller included.</summary>
    public int Count => threads.Length + 1;

    /// <summary>From now on the calling thread runs its loops by itself: what it does beside another's work must not take the workers from
    /// that.</summary>
    public static void LeaveToOthers() => alone = true;

    /// <summary>Runs <paramref name="body"/> for the items 0 to <paramref name="items"/>-1, in any order, on any of the threads, and
    /// returns when all are done. The first exception of an item is thrown again here, after the others ended.</summary>
    public void For(int items, Action<int> body) => For(items, new Call(body));

    /// <summary>The same with a body that makes no garbage.</summary>
    public unsafe void For<T>(int items, T body) where T : struct, ILoopBody {
        if (items <= 1 || threads.Length == 0 || alone || !owner.TryEnter()) {
            for (int item = 0; item < items; item++) body.Run(item, 0);
            return;
        }
        try {
            // A thread may enter its own lock again: the loop in flight tells a nested call.
            if (loop is not null) {
                for (int item = 0; item < items; item++) body.Run(item, 0);
                return;
            }
            // The body stays on this stack until all items are done, and nobody looks at it afterwards.
            var mine = new Loop(items, &Run<T>, Unsafe.AsPointer(ref body));
            Interlocked.Exchange(ref loop, mine);   // a full fence: "sleeping" must be read after it
            int asleep = Math.Min(Volatile.Read(ref sleeping), items - 1);
            if (asleep > 0) wake.Release(asleep);
            mine.Run(0);
            for (int spins = 1; !mine.IsDone; spins++) Pause(spins);
            Volatile.Write(ref loop, null);
            mine.Rethrow();
        } finally {
            owner.Exit();
        }
    }

    private static unsafe void Run<T>(void* body, int item, int slot) where T : struct, ILoopBody => Unsafe.AsRef<T>(body).Run(item, slot);

    /// <summary>Cuts 0 to <paramref name="count"/> into ranges of <paramref name="grain"/> (the last may be shorter), which do not depend
    /// on the number of threads, and runs the body for each: (first, one past the last).</summary>
    public void ForRange(int count, int grain, Action<int, int> body) => ForRange(count, grain, new RangeCall(body));

    /// <summary>The same with a body that makes no garbage.</summary>
    public void ForRange<T>(int count, int grain, T body) where T : struct, IRangeBody {
        if (count <= grain) {
            if (count > 0) body.Run(0, count);
            return;
        }
        For((int)(((long)count + grain - 1) / grain), new Ranges<T>(count, grain, body));
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose() {
        ending = true;
        if (threads.Length > 0) wake.Release(threads.Length);
        foreach (Thread thread in threads) thread.Join();
        wake.Dispose();
    }

    private void Work(int slot) {
        Loop? last = null;
        int idle = 0;
        while (!ending) {
            Loop? next = Volatile.Read(ref loop);
            if (next is not null && next != last) {
                next.Run(slot);
                last = next;
                idle = 0;
            } else if (++idle < SpinsBeforeSleep) {
                Pause(idle);
            } else {
                last = null;   // lets the collector have it
                Interlocked.Increment(ref sleeping);
                if (Volatile.Read(ref loop) is null && !ending) wake.Wait();
                Interlocked.Decrement(ref sleeping);
                idle = 0;
            }
        }
    }

    private static void Pause(int spins) {
        if (spins % SpinsBetweenYields == 0) Thread.Yield();
        else Thread.SpinWait(1);
    }

    private readonly struct Call(Action<int> body) : ILoopBody {
        public void Run(int item, int slot) => body(item);
    }

    private readonly struct RangeCall(Action<int, int> body) : IRangeBody {
        public void Run(int first, int end) => body(first, end);
    }

    private readonly struct Ranges<T>(int count, int grain, T body) : ILoopBody where T : struct, IRangeBody {
        public void Run(int item, int slot) {
            int from = item * grain;
            body.Run(from, (int)Math.Min(count, (long)from + grain));
        }
    }

    /// <summary>A loop in flight: items are handed out by a counter.</summary>
    private sealed unsafe class Loop(int items, delegate*<void*, int, int, void> run, void* body) {
        private int next = -1, done;
        private Exception? failure;

        public bool IsDone => Volatile.Read(ref done) == items;

        public void Run(int slot) {
            for (int item = Interlocked.Increment(ref next); item < items; item = Interlocked.Increment(ref next)) {
                try {
                    run(body, item, slot);
                } catch (Exception e) {
                    Interlocked.CompareExchange(ref failure, e, null);
                }
                Interlocked.Increment(ref done);
            }
        }

        public void Rethrow() {
            if (failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }
}
