namespace DenseEngine.Tests;

/// <summary>What an access does.</summary>
internal enum AccessKind { Read, Write, Atomic }

/// <summary>An access to a block of 16 bytes.</summary>
internal readonly record struct MemoryAccess(int Launch, int Group, int Interval, int Thread, AccessKind Kind, int Offset, int Size) {
    public override string ToString() => FormattableString.Invariant(
        $"{Kind}(launch {Launch}, group {Group}, interval {Interval}, thread {Thread}, {Offset}+{Size})");
}

/// <summary>Random accesses, and the rules of memory told by comparing each with all before it.</summary>
internal static class MemoryTrace {
    /// <summary>Launches one after the other; in one, groups in any order, but one after the other; in a group, intervals one after the
    /// other; in an interval, threads in any order. Accesses are aligned, and not smaller than a cell of the shadow.</summary>
    public static IEnumerable<MemoryAccess> Random(Philox random, bool shared, int cell) {
        int launches = 1 + random.Next(2), groups = 1 + random.Next(3), intervals = 1 + random.Next(3);
        int sizes = cell == 1 ? 5 : 3, span = 1 + random.Next(2);   // few places, so that accesses meet
        bool prepares = random.Next(3) != 0;
        for (int launch = 0; launch < launches; launch++) {
            bool forward = random.Next(2) == 0;
            for (int n = 0; n < groups; n++) {
                int group = forward ? n : groups - 1 - n, first = 0;
                if (shared && prepares) yield return new MemoryAccess(launch, group, first++, 0, AccessKind.Write, 0, 16);
                for (int interval = first; interval < first + intervals; interval++)
                    for (int left = random.Next(4); left > 0; left--) {
                        int size = cell << random.Next(sizes);
                        yield return new MemoryAccess(launch, group, interval, random.Next(3),
                            random.Next(4) switch { 0 => AccessKind.Write, 1 => AccessKind.Atomic, _ => AccessKind.Read },
                            size * random.Next(Math.Max(1, Math.Min(span * cell * 2, 16) / size)), size);
                    }
            }
        }
    }

    /// <summary>The first access at fault and the rule it breaks; -1 and nothing if there is none.</summary>
    public static (int At, string Rule) FirstFault(MemoryAccess[] trace, bool shared, bool byHost) {
        for (int i = 0; i < trace.Length; i++) {
            // a place of several cells is looked at cell by cell, so what the first faulty byte breaks counts
            for (int at = trace[i].Offset; at < trace[i].Offset + trace[i].Size; at++) {
                IEnumerable<MemoryAccess> before = trace.Take(i).Where(other => other.Offset <= at && at < other.Offset + other.Size);
                if (trace[i].Kind != AccessKind.Write && !byHost && !before.Any(other => Provides(other, trace[i], shared)))
                    return (i, "unwritten");
                if (before.Any(other => Races(other, trace[i], shared))) return (i, "race");
            }
        }
        return (-1, "");
    }

    /// <summary>Global memory keeps what any launch wrote; shared memory is a group's, for one launch.</summary>
    private static bool Provides(MemoryAccess write, MemoryAccess access, bool shared) => write.Kind == AccessKind.Write
        && (!shared || write.Launch == access.Launch && write.Group == access.Group);

    /// <summary>A race is any two accesses of one launch, not both reads and not both atomic, by different threads, that no barrier
    /// orders; groups share only global memory.</summary>
    private static bool Races(MemoryAccess a, MemoryAccess b, bool shared) {
        if (a.Launch != b.Launch || a.Kind == b.Kind && a.Kind != AccessKind.Write) return false;
        if (a.Group != b.Group) return !shared;
        return a.Interval == b.Interval && a.Thread != b.Thread;
    }
}
