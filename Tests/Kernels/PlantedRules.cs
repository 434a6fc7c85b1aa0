using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Tests;

/// <summary>Kernels that break one rule each, none of them marked in any way: they are found by being loaded. The comments name the
/// lines that the messages must name. None is ever run.</summary>
internal static class PlantedRules {
    private static int counter = 1;

    public interface IScale {
        float Scale { get; }
    }

    public struct Flagged {
        public float Value;
        public bool Flag;
    }

    public static void Launch(Accelerator a) {
        a.LoadStreamKernel<ArrayView<float>>(K1Throws);
        a.LoadStreamKernel<ArrayView<float>>(K1Tries);
        a.LoadStreamKernel<ArrayView<float>>(K2Boxes);
        a.LoadStreamKernel<ArrayView<float>>(K3Delegate);
        a.LoadStreamKernel<ArrayView<float>>(K4Static);
        a.LoadStreamKernel<ArrayView<float>>(K5Interface);
        a.LoadStreamKernel<ArrayView<float>>(K6Stack);
        a.LoadStreamKernel<ArrayView<float>>(K7Array);
        a.LoadStreamKernel<ArrayView<int>>(K8Checked);
        a.LoadStreamKernel<ArrayView<float>>(K9Clamp);
        a.LoadStreamKernel<ArrayView<float>>(K9Decimal);
        a.LoadStreamKernel<ArrayView<float>>(K10Recursion);
        a.LoadStreamKernel<ArrayView<float>, Flagged>(K11Flag);
        a.LoadStreamKernel<Index1D, ArrayView<float>>(K11Index);
        a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, int>(K12Captures);
        a.LoadStreamKernel<ArrayView<float>>(K13NativeInteger);
        a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>>(K14Double);
        a.LoadStreamKernel<ArrayView<float>>(K15Branch);
        a.LoadStreamKernel<ArrayView<float>, int>(K15Return);
        a.LoadStreamKernel<ArrayView<float>>(K15TripCount);
        a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>>(K15PerIndex);
        a.LoadStreamKernel<ArrayView<float>>(K16Loop);
        a.LoadStreamKernel<ArrayView<float>, int>(K16Size);
        a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<sbyte>>(K17Narrow);
        a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, int, int>(K18Product);
        a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>>(K19Truth);
        a.LoadStreamKernel<ArrayView<float>>(FloatAtomic);
        a.LoadStreamKernel<ArrayView<float>, int>(Sound);
        a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<sbyte>, ArrayView<float>>(SoundNarrow);
    }

    private static void K1Throws(ArrayView<float> y) => Demand(y.IntLength);

    private static void Demand(int length) {
        if (length == 0) throw new ArgumentException("empty");   // K1Throws
    }

    private static void K1Tries(ArrayView<float> y) {
        try {
            y[0] = 1;
        } finally {
            y[1] = 2;
        }
    }

    private static void K2Boxes(ArrayView<float> y) => y[0] = ((object)y[0]).GetHashCode();   // K2Boxes

    private static void K3Delegate(ArrayView<float> y) => y[0] = Twice(static v => 2 * v);   // K3Delegate

    private static float Twice(Func<float, float> f) => f(f(1));

    private static void K4Static(ArrayView<float> y) => y[0] = counter++;   // K4Static

    private static void K5Interface(ArrayView<float> y) => y[0] = Scaled(default);

    private static float Scaled(IScale? scale) => scale!.Scale;

    private static unsafe void K6Stack(ArrayView<float> y) {
        int* cells = stackalloc int[4];
        y[0] = cells[y.IntLength & 3];
    }

    private static void K7Array(ArrayView<float> y) {
        float[] values = new float[4];
        for (int i = 0; i < 4; i++) values[i] = i;
        y[0] = values[3];
    }

    private static void K8Checked(ArrayView<int> y) => y[0] = checked(y[0] + 1);   // K8Checked

    private static void K9Clamp(ArrayView<float> y) => y[0] = Limit(y[0]);

    private static float Limit(float value) => Bounded(value, 0);

    private static float Bounded(float value, float lowest) => Math.Clamp(value, lowest, 6);   // K9Clamp

    private static void K9Decimal(ArrayView<float> y) {
        decimal sum = 0;
        for (int i = 0; i < 3; i++) sum += i;
        y[0] = (float)sum;
    }

    private static void K10Recursion(ArrayView<float> y) => y[0] = Factorial(5);

    private static float Factorial(int n) => n <= 1 ? 1 : n * Factorial(n - 1);   // K10Recursion

    private static void K11Flag(ArrayView<float> y, Flagged flagged) => y[0] = flagged.Flag ? flagged.Value : 0;

    private static void K11Index(Index1D i, ArrayView<float> y) => y[i] = 1;

    private static void K12Captures(Index1D i, ArrayView<float> y, int n) {
        Set(1);
        Set(2);
        void Set(int value) => y[i] = value + n;
    }

    private static void K13NativeInteger(ArrayView<float> y) {
        nint at = Group.IdxX;
        for (int i = 0; i < y.IntLength; i++) at = at * 3 % 7;
        y[(int)at] = 1;
    }

    private static void K14Double(Index1D i, ArrayView<float> y) => y[i] = (float)(y[i] * 0.1);   // K14Double

    private static void K15Branch(ArrayView<float> y) {
        int half = Group.IdxX / 2;
        int rounds = 0;
        if (half < 16) rounds = 3;
        if (rounds > 0) Group.Barrier();   // K15Branch
        y[Group.IdxX] = 1;
    }

    private static void K15Return(ArrayView<float> y, int n) {
        if (Grid.GlobalIndex.X >= n) return;   // K15Return
        Group.Barrier();
        y[Group.IdxX] = 1;
    }

    private static void K15TripCount(ArrayView<float> y) {
        float last = y[Group.IdxX];
        while (last > 0) {   // K15TripCount
            Wait();
            last -= 1;
        }
        y[Group.IdxX] = last;
    }

    private static void Wait() => Group.Barrier();

    private static void K15PerIndex(Index1D i, ArrayView<float> y) {
        Group.Barrier();   // K15PerIndex
        y[i] = 1;
    }

    private static void K16Loop(ArrayView<float> y) {
        for (int i = 0; i < y.IntLength; i++) {
            ArrayView<float> s = SharedMemory.Allocate<float>(4);   // K16Loop
            s[0] = y[i];
        }
    }

    private static void K16Size(ArrayView<float> y, int n) => y[0] = SharedMemory.Allocate<float>(n).Length;   // K16Size

    private static void K17Narrow(Index1D i, ArrayView<float> x, ArrayView<sbyte> y) {
        int whole = (int)x[i];
        y[i] = (sbyte)whole;   // K17Narrow
    }

    private static void K18Product(Index1D i, ArrayView<float> y, int width, int row) {
        int first = row * width + i;
        y[(long)first] = 1;   // K18Product
    }

    private static void K19Truth(Index1D i, ArrayView<float> y) => y[i] = y[i] > 0 ? 1 : 0;   // K19Truth

    private static void FloatAtomic(ArrayView<float> y) => Atomic.Add(ref y[0], 1);   // FloatAtomic

    /// <summary>Barriers in loops that all threads run alike, and after branches that join again.</summary>
    private static void Sound(ArrayView<float> y, int n) {
        ArrayView<float> s = SharedMemory.Allocate<float>(64);
        int t = Group.IdxX;
        float own = 0;
        for (int i = t; i < n; i += Group.DimX) own += y[i];
        s[t] = own;
        Group.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2) {
            if (t < half) s[t] += s[t + half];
            Group.Barrier();
        }
        if (Group.BarrierPopCount(t < n) > 3) Group.Barrier();
        if (t == 0) y[0] = s[0];
    }

    private static void SoundNarrow(Index1D i, ArrayView<sbyte> y, ArrayView<float> x) =>
        y[i] = (sbyte)Math.Max(-128, Math.Min(127, (int)x[i]));
}
