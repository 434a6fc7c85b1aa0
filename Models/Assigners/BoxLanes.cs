using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Models;

/// <summary>Sixteen boxes.</summary>
/// <param name="X1">Left.</param>
/// <param name="Y1">Top.</param>
/// <param name="X2">Right.</param>
/// <param name="Y2">Bottom.</param>
/// <param name="Area">Width · height.</param>
internal readonly record struct BoxLanes(V X1, V Y1, V X2, V Y2, V Area) {
    /// <summary><see cref="Ops.Box.Iou"/> of each pair, by the same operations.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Iou(in BoxLanes other) {
        V inter = Vector512.Max(Width(other), V.Zero) * Vector512.Max(Height(other), V.Zero);
        return inter / Vector512.Max(Area + other.Area - inter, Vector512.Create(1e-6f));
    }

    /// <summary>A bit for each pair whose intersection has an area.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Meets(in BoxLanes other) =>
        (uint)(Vector512.GreaterThan(Width(other), V.Zero) & Vector512.GreaterThan(Height(other), V.Zero)).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Width(in BoxLanes other) => Vector512.Min(X2, other.X2) - Vector512.Max(X1, other.X1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Height(in BoxLanes other) => Vector512.Min(Y2, other.Y2) - Vector512.Max(Y1, other.Y1);
}
