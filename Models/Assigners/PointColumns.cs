using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using DenseEngine.Ops;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Models;

/// <summary>The centres of boxes as columns of coordinates, sixteen to a block, level by level, and each block's hull. Where a level's last
/// block has no box, its last one stands again.</summary>
internal sealed class PointColumns : IDisposable {
    private readonly float[] fields, hulls;   // x, y; left, top, right, bottom
    private readonly int length, hullLength;
    private readonly PointLevel[] levels;

    public PointColumns(ReadOnlySpan<Box> boxes, IReadOnlyList<int> levelSizes) {
        levels = new PointLevel[levelSizes.Count];
        int blocks = 0, start = 0;
        for (int level = 0; level < levels.Length; level++) {
            levels[level] = new PointLevel(start, levelSizes[level], blocks, (levelSizes[level] + V.Count - 1) / V.Count);
            (blocks, start) = (blocks + levels[level].Blocks, start + levelSizes[level]);
        }
        (length, hullLength) = (blocks * V.Count, blocks + V.Count);
        fields = ArrayPool<float>.Shared.Rent(2 * length);
        hulls = ArrayPool<float>.Shared.Rent(4 * hullLength);
        foreach (PointLevel level in levels) {
            for (int i = 0; i < level.Blocks * V.Count; i++) {
                Box box = boxes[level.Start + Math.Min(i, level.Count - 1)];
                int place = level.FirstBlock * V.Count + i;
                (fields[place], fields[length + place]) = ((box.X1 + box.X2) / 2, (box.Y1 + box.Y2) / 2);
            }
        }
        for (int block = 0; block < blocks; block++) {
            (V x, V y) = Block(block);
            (hulls[block], hulls[hullLength + block]) = (Lanes.Least(x), Lanes.Least(y));
            (hulls[2 * hullLength + block], hulls[3 * hullLength + block]) = (Lanes.Largest(x), Lanes.Largest(y));
        }
    }

    /// <summary>Where a level's points are.</summary>
    public PointLevel Level(int level) => levels[level];

    /// <summary>The points of a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (V X, V Y) Block(int block) => (Vector512.LoadUnsafe(ref fields[block * V.Count]),
        Vector512.LoadUnsafe(ref fields[length + block * V.Count]));

    /// <summary>A bit for each of sixteen boxes in which points of a block may lie.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Holding(in BoxLanes boxes, int block) => (uint)(
        Vector512.GreaterThan(Vector512.Create(hulls[2 * hullLength + block]), boxes.X1)
        & Vector512.LessThan(Vector512.Create(hulls[block]), boxes.X2)
        & Vector512.GreaterThan(Vector512.Create(hulls[3 * hullLength + block]), boxes.Y1)
        & Vector512.LessThan(Vector512.Create(hulls[hullLength + block]), boxes.Y2)).ExtractMostSignificantBits();

    /// <summary>Collects the points of a level that are nearest to one, and of equally near ones the first.</summary>
    /// <param name="level">The level.</param>
    /// <param name="x">The point.</param>
    /// <param name="y">The point.</param>
    /// <param name="ignored">Points that count as far away; empty for none.</param>
    /// <param name="nearest">What collects.</param>
    public void FindNearest(int level, float x, float y, bool[] ignored, ref NearestPoints nearest) {
        (int _, int _, int firstBlock, int blocks) = levels[level];
        if (blocks == 0) return;
        V atX = Vector512.Create(x), atY = Vector512.Create(y), least = Vector512.Create(float.PositiveInfinity), of = V.Zero;
        for (int some = 0; some < blocks; some += V.Count) {   // numbers of blocks are exact as floats
            V numbers = Vector512.Create((float)some) + Vector512.CreateSequence(0f, 1f), bound = Bound(firstBlock + some, atX, atY);
            V less = Vector512.LessThan(bound, least) & Vector512.LessThan(numbers, Vector512.Create((float)blocks));
            (least, of) = (Vector512.ConditionalSelect(less, bound, least), Vector512.ConditionalSelect(less, numbers, of));
        }
        float closest = Lanes.Least(least);
        int begin = (int)of[BitOperations.TrailingZeroCount(Vector512.Equals(least, Vector512.Create(closest))
            .ExtractMostSignificantBits())];
        Offer(level, begin, atX, atY, ignored, ref nearest);
        for (int some = 0; some < blocks; some += V.Count) {
            ulong near = Vector512.LessThanOrEqual(Bound(firstBlock + some, atX, atY), Vector512.Create(nearest.Limit))
                .ExtractMostSignificantBits();
            for (; near != 0; near &= near - 1) {
                int block = some + BitOperations.TrailingZeroCount(near);
                if (block < blocks && block != begin) Offer(level, block, atX, atY, ignored, ref nearest);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() {
        ArrayPool<float>.Shared.Return(fields);
        ArrayPool<float>.Shared.Return(hulls);
    }

    private void Offer(int level, int block, V x, V y, bool[] ignored, ref NearestPoints nearest) {
        PointLevel of = levels[level];
        (V blockX, V blockY) = Block(of.FirstBlock + block);
        V dx = blockX - x, dy = blockY - y, squares = dx * dx + dy * dy;
        ulong near = Vector512.LessThanOrEqual(squares, Vector512.Create(nearest.Limit)).ExtractMostSignificantBits();
        for (; near != 0; near &= near - 1) {
            int lane = BitOperations.TrailingZeroCount(near), i = block * V.Count + lane;
            if (i >= of.Count) return;
            nearest.Offer(ignored.Length > 0 && ignored[of.Start + i] ? NearestPoints.Far : MathF.Sqrt(squares[lane]), of.Start + i);
        }
    }

    /// <summary>Of sixteen blocks, what their points' squared distances are not below: rounding keeps the order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Bound(int block, V x, V y) {
        V dx = Vector512.Max(Hull(0, block) - x, x - Hull(2, block)), dy = Vector512.Max(Hull(1, block) - y, y - Hull(3, block));
        (dx, dy) = (Vector512.Max(dx, V.Zero), Vector512.Max(dy, V.Zero));
        return dx * dx + dy * dy;
    }

    private V Hull(int side, int block) => Vector512.LoadUnsafe(ref hulls[side * hullLength + block]);
}
