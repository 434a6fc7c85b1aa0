using ILGPU;

namespace DenseEngine.Ops;

/// <summary>How groups of threads share the columns of [Images, Rows, lanes], a lane being four neighbouring columns: a group takes some
/// lanes of a part of an image's rows; its threads take every few rows of a lane and join what they have. The cut depends on the sizes
/// alone. It is made so that large tensors keep a large GPU busy, and small ones are one part.</summary>
internal readonly struct ColumnCut {
    /// <summary>Threads of a group.</summary>
    public const int Threads = 256;

    /// <summary>Rows that a thread takes at least; groups that are enough; threads side by side that read long enough pieces; lanes of
    /// all rows that are few, and rows that are few.</summary>
    private const int LeastRows = 8, ManyGroups = 1024, SideBySide = 32, FewLanes = 1 << 18, FewRows = 2048;

    /// <summary>Lanes of a row, lanes of a group, groups side by side.</summary>
    public readonly int Lanes, GroupLanes, Chunks;

    /// <summary>Threads that share a lane; rows of an image; rows of a part; parts of an image.</summary>
    public readonly int RowThreads, Rows, PartRows, Parts;

    /// <summary>The number of groups.</summary>
    public readonly int Groups;

    public ColumnCut(int images, int rows, int lanes) {
        bool few = rows <= FewRows && (long)images * rows * lanes <= FewLanes;
        int wanted = Math.Clamp((rows + LeastRows - 1) / LeastRows, 1, Threads / (few ? SideBySide / 4 : SideBySide));
        (Rows, Lanes, GroupLanes) = (rows, lanes, Math.Clamp(lanes, 1, Threads / wanted));
        RowThreads = Math.Min(Threads / GroupLanes, Math.Max(1, (rows + LeastRows - 1) / LeastRows));
        Chunks = (lanes + GroupLanes - 1) / GroupLanes;
        long shared = ((long)images * Chunks * rows + ManyGroups - 1) / ManyGroups;
        PartRows = few ? Math.Max(1, rows) : (int)Math.Max(LeastRows * RowThreads, shared);
        Parts = (rows + PartRows - 1) / PartRows;
        Groups = checked(images * Parts * Chunks);
    }

    /// <summary>A group's part, the parts of all images being numbered through.</summary>
    public int Part(int group) => group / Chunks;

    /// <summary>Rows of one of an image's parts.</summary>
    public int RowsOf(int part) => Math.Min(PartRows, Rows - part * PartRows);

    /// <summary>A thread's lane, and which of those that share it the thread is.</summary>
    public (int Lane, int RowThread) Place(int group, int thread) =>
        (group % Chunks * GroupLanes + thread % GroupLanes, thread / GroupLanes);

    /// <summary>Whether a thread has a lane.</summary>
    public bool Has(int lane, int rowThread) => lane < Lanes && rowThread < RowThreads;

    /// <summary>What the threads that share a lane have, combined in a tree; the first of them gets it. Every thread of the group must
    /// call.</summary>
    public Float4 Join<TOp>(ArrayView<Float4> tree, int thread, Float4 own, TOp op) where TOp : unmanaged, IReduction {
        int rowThread = thread / GroupLanes;
        tree[thread] = own;
        for (int left = RowThreads; left > 1;) {
            int half = (left + 1) >> 1;
            Group.Barrier();
            if (rowThread + half < left) {
                Op.CombineFours(ref own, tree[thread + half * GroupLanes], op);
                tree[thread] = own;
            }
            left = half;
        }
        return own;
    }
}
