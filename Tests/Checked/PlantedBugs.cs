using ILGPU;

namespace DenseEngine.Tests;

/// <summary>Kernels with one bug each. The comments with a number mark the lines that the messages must name.</summary>
internal static class PlantedBugs {
    public struct F4 {
        public float X, Y, Z, W;
    }

    public static void OffByOne(ArrayView<float> x, ArrayView<float> y) {
        int i = Grid.GlobalIndex.X;
        y[i] = x[i + 1];   // line A
    }

    public static void Negative(ArrayView<float> x, ArrayView<float> y) {
        int i = Grid.GlobalIndex.X;
        y[i] = x[i - 1];
    }

    public static void NeverWritten(ArrayView<float> y, ArrayView<float> z) => z[Group.IdxX] = y[Group.IdxX];   // line B

    public static void SharedNeverWritten(ArrayView<float> y) {
        ArrayView<float> s = SharedMemory.Allocate<float>(64);
        if (Group.IdxX > 0) s[Group.IdxX] = 1;
        Group.Barrier();
        y[Group.IdxX] = s[Group.IdxX];   // line C
    }

    public static void MissingBarrier(ArrayView<float> x, ArrayView<float> y) {
        ArrayView<float> s = SharedMemory.Allocate<float>(64);
        int t = Group.IdxX;
        s[t] = x[t];
        y[t] = s[63 - t];   // line D
    }

    public static void MissingBarrierInLoop(ArrayView<float> x, ArrayView<float> y) {
        ArrayView<float> s = SharedMemory.Allocate<float>(64);
        int t = Group.IdxX;
        float sum = 0;
        for (int round = 0; round < 3; round++) {
            s[t] = x[t] + round;   // line E
            Group.Barrier();
            sum += s[63 - t];
        }
        y[t] = sum;
    }

    public static void TwoGroupsOneCell(ArrayView<float> y) => y[Group.IdxX] = 1;   // line F

    public static void GroupReadsAnother(ArrayView<float> y) {
        int g = Grid.IdxX;
        y[g] = g > 0 ? y[g - 1] : 1;   // line G
    }

    public static void BarrierInBranch(ArrayView<float> y) {
        if (Group.IdxX < 16) Group.Barrier();   // line H
        y[Group.IdxX] = 1;
    }

    public static void BarrierAfterReturn(ArrayView<float> y, int n) {
        if (Group.IdxX >= n) return;
        Group.Barrier();
        y[Group.IdxX] = 1;
    }

    public static void TwoBarriers(ArrayView<float> y) {
        if (Group.IdxX < 16) Group.Barrier();   // line I
        else Group.Barrier();   // line J
        y[Group.IdxX] = 1;
    }

    public static void TripCounts(ArrayView<float> y) {
        for (int i = 0; i <= Group.IdxX / 48; i++) Group.Barrier();
        y[Group.IdxX] = 1;
    }

    public static void HalfWarpShuffle(ArrayView<int> y) {
        int v = Group.IdxX;
        if (Group.IdxX < 8) v = Warp.ShuffleDown(v, 1);
        y[Group.IdxX] = v;
    }

    public static void AbsentLane(ArrayView<int> y) => y[Group.IdxX] = Warp.ShuffleXor(Group.IdxX, 16);

    public static void CastInside(ArrayView<float> x, ArrayView<float> y) {
        ArrayView<F4> wide = x.SubView(1, 8).Cast<F4>();   // line K
        F4 first = wide[0];
        y[Group.IdxX] = first.X + first.Y + first.Z + first.W;
    }

    public static void AtomicAndPlain(ArrayView<int> y) {
        if (Group.IdxX == 3) y[0] = 5;
        else Atomic.Add(ref y[0], 1);   // line L
    }

    public static void DivideByZero(ArrayView<int> y, int d) => y[Group.IdxX] = 10 / d;

    public static void FieldRace(ArrayView<F4> y) {
        int t = Group.IdxX;
        F4 whole = y[t];
        (whole.Y, whole.Z, whole.W) = (1, 2, 3);
        y[t / 2].X = t + whole.Y + whole.Z + whole.W;   // line M
    }

    public static void RefHelperRace(ArrayView<float> y) => Bump(ref y[0]);

    private static void Bump(ref float cell) => cell = 1;   // line N

    public struct Pair {
        public ArrayView<float> From, To;
    }

    public static void InStruct(Pair pair) => pair.To[Group.IdxX] = pair.From[Group.IdxX];

    public static void SubViewTooLong(ArrayView<float> x, ArrayView<float> y) => y[Group.IdxX] = x.SubView(Group.IdxX, 8)[0];

    public static void SharedTooShort(ArrayView<float> y) {
        ArrayView<float> s = SharedMemory.Allocate<float>(32);
        s[Group.IdxX] = 1;
        Group.Barrier();
        y[Group.IdxX] = s[Group.IdxX];
    }
}
