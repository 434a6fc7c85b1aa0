using System.Reflection.Emit;

namespace ILGPU.Checking;

/// <summary>The basic blocks of a kernel: which follow which, and which a branch decides about.</summary>
internal sealed class KernelFlow {
    private readonly KernelBody body;
    private readonly List<int> starts = [];
    private readonly int[] blockOf;
    private readonly int[][] successors;   // the last block is the end
    private int[]? postDominators;

    public KernelFlow(KernelBody body) {
        this.body = body;
        var leaders = new SortedSet<int> { 0 };
        foreach (Instruction instruction in body.Code) {
            if (!instruction.Targets.Any() && !instruction.EndsFlow) continue;
            leaders.UnionWith(instruction.Targets.Select(target => target.Index));
            if (instruction.Index + 1 < body.Code.Count) leaders.Add(instruction.Index + 1);
        }
        starts.AddRange(leaders);
        blockOf = new int[body.Code.Count];
        for (int b = 0; b < starts.Count; b++) Array.Fill(blockOf, b, starts[b], End(b) - starts[b]);
        successors = [.. Enumerable.Range(0, starts.Count).Select(Successors), []];
    }

    private int Exit => starts.Count;

    public Instruction Last(int block) => body.Code[End(block) - 1];

    public IEnumerable<Instruction> Code(int block) => body.Code.Take(starts[block]..End(block));

    /// <summary>The reached blocks that end in a branch.</summary>
    public IEnumerable<int> Branches => Enumerable.Range(0, starts.Count)
        .Where(block => successors[block].Length > 1 && Last(block).Before is not null);

    /// <summary>Whether an instruction can be reached from itself.</summary>
    public bool Loops(Instruction instruction) {
        int block = blockOf[instruction.Index];
        var seen = new HashSet<int>();
        var work = new Stack<int>(successors[block]);
        while (work.TryPop(out int next)) {
            if (next == block) return true;
            if (seen.Add(next))
                foreach (int further in successors[next]) work.Push(further);
        }
        return false;
    }

    /// <summary>The blocks that run or not as the branch at the end of a block decides.</summary>
    public IEnumerable<int> DecidedBy(int branch) {
        int[] after = postDominators ??= PostDominators();
        var decided = new HashSet<int>();
        foreach (int successor in successors[branch])
            for (int at = successor; at != after[branch] && at != Exit; at = after[at]) decided.Add(at);
        return decided;
    }

    private int End(int block) => block + 1 < starts.Count ? starts[block + 1] : body.Code.Count;

    private int[] Successors(int block) {
        Instruction last = Last(block);
        if (last.Is(OpCodes.Ret)) return [Exit];
        IEnumerable<int> next = last.Targets.Select(target => blockOf[target.Index]);
        if (!last.EndsFlow) next = next.Append(block + 1);
        return [.. next.Distinct()];
    }

    /// <summary>For each block the first that every way to the end goes through. By Cooper, Harvey and Kennedy, "A simple, fast dominance
    /// algorithm", on the reversed graph.</summary>
    private int[] PostDominators() {
        List<int>[] predecessors = [.. Enumerable.Range(0, Exit + 1).Select(_ => new List<int>())];
        for (int b = 0; b < Exit; b++)
            foreach (int next in successors[b]) predecessors[next].Add(b);
        int[] number = new int[Exit + 1], result = new int[Exit + 1];
        Array.Fill(number, -1);
        Array.Fill(result, -1);
        var order = new List<int>();
        var work = new Stack<(int Block, int Next)>([(Exit, 0)]);
        var seen = new HashSet<int> { Exit };
        while (work.TryPop(out (int Block, int Next) at)) {
            if (at.Next < predecessors[at.Block].Count) {
                work.Push((at.Block, at.Next + 1));
                int before = predecessors[at.Block][at.Next];
                if (seen.Add(before)) work.Push((before, 0));
            } else {
                number[at.Block] = order.Count;
                order.Add(at.Block);
            }
        }
        result[Exit] = Exit;
        bool changed;
        do {
            changed = false;
            for (int i = order.Count - 2; i >= 0; i--) {
                int block = order[i], joined = -1;
                foreach (int next in successors[block]) {
                    if (result[next] < 0) continue;
                    joined = joined < 0 ? next : Join(joined, next);
                }
                if (joined == result[block]) continue;
                result[block] = joined;
                changed = true;
            }
        } while (changed);
        for (int b = 0; b < Exit; b++)
            if (result[b] < 0) result[b] = Exit;   // never ends, or never runs
        return result;

        int Join(int a, int b) {
            while (a != b) {
                while (number[a] < number[b]) a = result[a];
                while (number[b] < number[a]) b = result[b];
            }
            return a;
        }
    }
}
