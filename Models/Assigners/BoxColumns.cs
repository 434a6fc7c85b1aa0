using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using DenseEngine.Ops;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Models;

/// <summary>Boxes as columns of coordinates, sixteen to a block, and each block's hull: what the hull does not meet, none of its boxes
/// does. Places without a box hold one that meets nothing.</summary>
internal sealed class BoxColumns : IDisposable {
    private readonly float[] fields, hulls;   // lefts, tops, rights, bottoms, and of the boxes the areas
    private readonly int length, hullLength;

    /// <summary>Takes boxes apart.</summary>
    /// <param name="boxes">The boxes.</param>
    /// <param name="absent">Those that are to count as none; empty if all count.</param>
    public BoxColumns(ReadOnlySpan<Box> boxes, ReadOnlySpan<bool> absent = default) {
        Count = boxes.Length;
        Blocks = (boxes.Length + V.Count - 1) / V.Count;
        length = Blocks * V.Count;
        hullLength = (Blocks + V.Count - 1) / V.Count * V.Count;
        fields = ArrayPool<float>.Shared.Rent(5 * length);
        hulls = ArrayPool<float>.Shared.Rent(4 * hullLength);
        Clear(fields, length);
        Clear(hulls, hullLength);
        fields.AsSpan(4 * length, length).Clear();
        for (int i = 0; i < boxes.Length; i++) {
            if (absent.Length > 0 && absent[i]) continue;
            Box box = boxes[i];
            (fields[i], fields[length + i], fields[2 * length + i], fields[3 * length + i]) = (box.X1, box.Y1, box.X2, box.Y2);
            fields[4 * length + i] = box.Area;
        }
        for (int block = 0; block < Blocks; block++)
            for (int side = 0; side < 4; side++)
                hulls[side * hullLength + block] = side < 2 ? Lanes.Least(Field(side, block)) : Lanes.Largest(Field(side, block));
    }

    /// <summary>How many boxes there are.</summary>
    public int Count { get; }

    /// <summary>In how many blocks they are.</summary>
    public int Blocks { get; }

    /// <summary>One box.</summary>
    public BoxLanes this[int i] {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector512.Create(fields[i]), Vector512.Create(fields[length + i]), Vector512.Create(fields[2 * length + i]),
            Vector512.Create(fields[3 * length + i]), Vector512.Create(fields[4 * length + i]));
    }

    /// <summary>The boxes of a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public BoxLanes Block(int block) => new(Field(0, block), Field(1, block), Field(2, block), Field(3, block), Field(4, block));

    /// <summary>The hull of a block, in all lanes; it has no area.</summary>
    public BoxLanes Hull(int block) => new(Vector512.Create(hulls[block]), Vector512.Create(hulls[hullLength + block]),
        Vector512.Create(hulls[2 * hullLength + block]), Vector512.Create(hulls[3 * hullLength + block]), V.Zero);

    /// <inheritdoc/>
    public void Dispose() {
        ArrayPool<float>.Shared.Return(fields);
        ArrayPool<float>.Shared.Return(hulls);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Field(int side, int block) => Vector512.LoadUnsafe(ref fields[side * length + block * V.Count]);

    private static void Clear(float[] sides, int count) {
        sides.AsSpan(0, 2 * count).Fill(float.PositiveInfinity);
        sides.AsSpan(2 * count, 2 * count).Fill(float.NegativeInfinity);
    }
}
