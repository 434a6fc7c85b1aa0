using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Tests;

/// <summary>Kernels without bugs, that use what kernels may use.</summary>
internal static class SoundKernels {
    public const int Tile = 16, Threads = Tile * Tile;

    public interface IUnary {
        static abstract float Apply(float x);
    }

    public readonly struct HardSwish : IUnary {
        public static float Apply(float x) => x * Math.Min(Math.Max(x + 3, 0), 6) / 6;
    }

    public readonly struct Twice : IUnary {
        public static float Apply(float x) => 2 * x;
    }

    public struct F4(float x, float y, float z, float w) {
        public float X = x, Y = y, Z = z, W = w;

        public readonly float Sum() => X + Y + Z + W;

        public static F4 operator +(F4 a, F4 b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z, a.W + b.W);
    }

    public static void Map<TOp>(Index1D i, ArrayView<float> x, ArrayView<float> y) where TOp : struct, IUnary => y[i] = TOp.Apply(x[i]);

    public static void Transpose(Index2D i, ArrayView<float> x, ArrayView<float> y, int rows, int columns) =>
        y[i.Y * rows + i.X] = x[i.X * columns + i.Y];

    /// <summary>C = A B for 64 by k and k by 64, 4 by 4 results a thread, in the style that compiles well for GPUs.</summary>
    public static void Gemm(ArrayView<float> a, ArrayView<float> b, ArrayView<float> c, int k) {
        ArrayView<F4> aShared = SharedMemory.Allocate<F4>(Tile * Tile), bShared = SharedMemory.Allocate<F4>(Tile * Tile);
        ArrayView<float> aScalar = aShared.Cast<float>();
        ArrayView<F4> a4 = a.Cast<F4>(), b4 = b.Cast<F4>(), c4 = c.Cast<F4>();
        int t = Group.IdxX, tx = t % Tile, ty = t / Tile, row = t / 4, quad = t % 4;
        F4 c0 = default, c1 = default, c2 = default, c3 = default;
        for (int step = 0; step < k; step += Tile) {
            F4 fromA = a4[(row * k + step) / 4 + quad];
            aScalar[(4 * quad) * 64 + row] = fromA.X;
            aScalar[(4 * quad + 1) * 64 + row] = fromA.Y;
            aScalar[(4 * quad + 2) * 64 + row] = fromA.Z;
            aScalar[(4 * quad + 3) * 64 + row] = fromA.W;
            bShared[t] = b4[(step + ty) * 16 + tx];
            Group.Barrier();
            for (int i = 0; i < Tile; i++) {
                F4 left = aShared[i * Tile + ty], right = bShared[i * Tile + tx];
                MultiplyAdd(ref c0, left.X, right);
                MultiplyAdd(ref c1, left.Y, right);
                MultiplyAdd(ref c2, left.Z, right);
                MultiplyAdd(ref c3, left.W, right);
            }
            Group.Barrier();
        }
        c4[(4 * ty) * 16 + tx] = c0;
        c4[(4 * ty + 1) * 16 + tx] = c1;
        c4[(4 * ty + 2) * 16 + tx] = c2;
        c4[(4 * ty + 3) * 16 + tx] = c3;
    }

    private static void MultiplyAdd(ref F4 c, float a, F4 b) {
        c.X += a * b.X;
        c.Y += a * b.Y;
        c.Z += a * b.Z;
        c.W += a * b.W;
    }

    public static void TreeSum(ArrayView<float> x, ArrayView<float> y) {
        ArrayView<float> s = SharedMemory.Allocate<float>(Threads);
        int t = Group.IdxX;
        s[t] = x[Grid.GlobalLinearIndex];
        Group.Barrier();
        for (int half = Threads / 2; half > 0; half /= 2) {
            if (t < half) s[t] += s[t + half];
            Group.Barrier();
        }
        if (t == 0) y[Grid.IdxX] = s[0];
    }

    public static void WarpSum(ArrayView<int> x, ArrayView<int> y) {
        int v = x[Grid.GlobalLinearIndex];
        for (int delta = Warp.WarpSize / 2; delta > 0; delta /= 2) v += Warp.ShuffleDown(v, delta);
        if (Warp.IsFirstLane) Atomic.Add(ref y[0], v);
    }

    /// <summary>What each kind of exchange gives, of 4 and of 8 bytes.</summary>
    public static void Exchanges(ArrayView<int> down, ArrayView<int> up, ArrayView<long> xor, ArrayView<double> lane, ArrayView<int> all) {
        int t = Grid.GlobalLinearIndex;
        down[t] = Warp.ShuffleDown(100 + t, 3);
        up[t] = Warp.ShuffleUp(100 + t, 2);
        xor[t] = Warp.ShuffleXor((1L << 40) + t, 3);
        lane[t] = Warp.Shuffle(0.5 + t, (3 * Warp.LaneIdx + 1) % Warp.WarpSize);
        all[t] = Warp.Broadcast(t, 2) + (Warp.IsLastLane ? 1000 : 0) + 10_000 * Warp.WarpIdx;
    }

    public static void IntAtomics(ArrayView<int> y) {
        int t = Group.IdxX;
        Atomic.Add(ref y[0], t - 10);
        Atomic.Max(ref y[1], t - 10);
        Atomic.Min(ref y[2], t - 10);
        Atomic.And(ref y[3], ~t);
        Atomic.Or(ref y[4], t);
        Atomic.Xor(ref y[5], 1 << (t & 31));
        Atomic.Exchange(ref y[8 + t], 3 * t);
        if (Atomic.CompareExchange(ref y[6], 0, 1) == 0) Atomic.Add(ref y[7], 5);
    }

    public static void UIntAtomics(ArrayView<uint> y) {
        uint t = (uint)Group.IdxX;
        Atomic.Add(ref y[0], t - 10);
        Atomic.Max(ref y[1], t - 10);
        Atomic.Min(ref y[2], t - 10);
        Atomic.And(ref y[3], ~t);
        Atomic.Or(ref y[4], t);
        Atomic.Xor(ref y[5], 1u << (int)(t & 31));
        Atomic.Exchange(ref y[(int)(8 + t)], 3 * t);
        if (Atomic.CompareExchange(ref y[6], 0u, 1u) == 0) Atomic.Add(ref y[7], 5u);
    }

    public static void LongAtomics(ArrayView<long> y) {
        long t = Group.IdxX;
        Atomic.Add(ref y[0], t - 10);
        Atomic.Max(ref y[1], t - 10);
        Atomic.Min(ref y[2], t - 10);
        Atomic.And(ref y[3], ~t);
        Atomic.Or(ref y[4], t);
        Atomic.Xor(ref y[5], 1L << (int)(t & 31));
        Atomic.Exchange(ref y[8 + t], 3 * t);
        if (Atomic.CompareExchange(ref y[6], 0L, 1L) == 0) Atomic.Add(ref y[7], 5L);
    }

    public static void ULongAtomics(ArrayView<ulong> y) {
        ulong t = (ulong)Group.IdxX;
        Atomic.Add(ref y[0], t - 10);
        Atomic.Max(ref y[1], t - 10);
        Atomic.Min(ref y[2], t - 10);
        Atomic.And(ref y[3], ~t);
        Atomic.Or(ref y[4], t);
        Atomic.Xor(ref y[5], 1UL << (int)(t & 31));
        Atomic.Exchange(ref y[(long)(8 + t)], 3 * t);
        if (Atomic.CompareExchange(ref y[6], 0UL, 1UL) == 0) Atomic.Add(ref y[7], 5UL);
    }

    /// <summary>A shared variable, and shared arrays of every form.</summary>
    public static void SharedForms(ArrayView<int> y) {
        ref int count = ref SharedMemory.Allocate<int>();
        ArrayView1D<int, Stride1D.Dense> line = SharedMemory.Allocate1D<int>(64);
        ArrayView<byte> bytes = SharedMemory.Allocate<byte>(64);
        int t = Group.LinearIndex;
        if (t == 0) count = 0;
        line[t] = 2 * t;
        bytes[t] = (byte)(3 * t);
        Group.Barrier();
        Atomic.Add(ref count, 1);
        Group.Barrier();
        y[t] = count + line[63 - t] + bytes[(t + 1) % 64];
    }

    public static void Votes(ArrayView<int> y) {
        int t = Group.LinearIndex;
        bool odd = (t & 1) != 0;
        int count = Group.BarrierPopCount(odd);
        bool all = Group.BarrierAnd(t < 1000), any = Group.BarrierOr(t == 77);
        int from = Group.Broadcast(3 * t, 5);
        y[t] = count + (all ? 1000 : 0) + (any ? 2000 : 0) + 10000 * from;
    }

    /// <summary>References to private variables that live over barriers.</summary>
    public static void PrivateReference(ArrayView<float> y) {
        F4 value = new(1, 2, 3, 4);
        ref float field = ref value.Y;
        for (int i = 0; i < 3; i++) {
            Group.Barrier();
            field += Group.IdxX;
            AddAfterBarrier(ref value.Z, i);
        }
        y[Group.IdxX] = value.Sum() + (value + value).Sum();
    }

    private static void AddAfterBarrier(ref float target, float amount) {
        Group.Barrier();
        target += amount;
    }

    /// <summary>Values on the evaluation stack over a barrier.</summary>
    public static void OnStack(ArrayView<float> x, ArrayView<float> y) =>
        y[Group.IdxX] = x[Group.IdxX] * 2 + AfterBarrier(x[63 - Group.IdxX]);

    private static float AfterBarrier(float v) {
        Group.Barrier();
        return v;
    }

    public static void Dynamic(ArrayView<float> x, ArrayView<float> y) {
        ArrayView<float> own = SharedMemory.Allocate<float>(10), rest = SharedMemory.GetDynamic<float>();
        int t = Group.IdxX;
        if (t < 10) own[t] = 100;
        rest[t] = x[t];
        Group.Barrier();
        y[t] = rest[rest.IntLength - 1 - t] + own[t % 10];
    }

    public static void ThreeDimensions(ArrayView<int> y) {
        Index3D at = Grid.GlobalIndex, size = Grid.Dimension * Group.Dimension;
        y[(at.Z * size.Y + at.Y) * size.X + at.X] = at.X + 100 * at.Y + 10000 * at.Z;
    }

    /// <summary>A transposition in shared memory by groups of two dimensions on a grid of two.</summary>
    public static void TransposeTiles(ArrayView<float> x, ArrayView<float> y, int width) {
        ArrayView<float> tile = SharedMemory.Allocate<float>(64);
        int tx = Group.IdxX, ty = Group.IdxY, row = Grid.IdxY * 8, column = Grid.IdxX * 8, height = Grid.DimY * 8;
        tile[ty * 8 + tx] = x[(row + ty) * width + column + tx];
        Group.Barrier();
        y[(column + ty) * height + row + tx] = tile[tx * 8 + ty];
    }

    public static void Bytes(ArrayView<byte> x, ArrayView<byte> y) => y[Grid.GlobalIndex.X] = (byte)(x[Grid.GlobalIndex.X] + 1);
}
