using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Tests;

/// <summary>Kernels that no device takes.</summary>
internal static class RefusedKernels {
    private static int counter = 1;

    public static void FloatAtomic(ArrayView<float> y) => Atomic.Add(ref y[0], 1);

    public static void Throws(ArrayView<float> y) {
        if (y.Length == 0) throw new InvalidOperationException();
    }

    public static void Allocates(ArrayView<float> y) => y[0] = new float[4].Length;

    public static void MutableStatic(ArrayView<float> y) => y[0] = counter++;

    public static void Recursive(ArrayView<float> y) => y[0] = Factorial(5);

    private static float Factorial(int n) => n <= 1 ? 1 : n * Factorial(n - 1);

    public static void Clamp(ArrayView<float> y) => y[0] = Math.Clamp(y[0], 0, 1);

    public static void FusedMultiplyAdd(ArrayView<float> y) => y[0] = MathF.FusedMultiplyAdd(y[0], 2, 3);

    public static void Overflow(ArrayView<int> y) => y[0] = checked(y[0] + 1);

    public static void Boxes(ArrayView<int> y) => y[0] = ((object)y[0]).GetHashCode();

    public static void Tries(ArrayView<int> y) {
        try {
            y[0] = 1;
        } finally {
            y[1] = 2;
        }
    }

    public static void Calls(ArrayView<int> y) {
        Func<int, int> twice = static v => 2 * v;
        y[0] = twice(3);
    }

    public static void SharedSize(ArrayView<float> y) => y[0] = SharedMemory.Allocate<float>(y.IntLength).Length;

    public static void SharedTooLarge(ArrayView<float> y) => y[0] = SharedMemory.Allocate<float>(20_000).Length;

    public static void Spans(ArrayView<float> y) {
        Span<float> buffer = stackalloc float[4];
        y[0] = buffer[0];
    }

    private struct Hidden {
        public float Value = 1;

        public Hidden() { }
    }

    public static void LoadHiddenParameter(Accelerator accelerator) =>
        accelerator.LoadStreamKernel<ArrayView<float>, Hidden>(TakesHidden);

    private static void TakesHidden(ArrayView<float> y, Hidden hidden) => y[0] = hidden.Value;

    public static void PerIndexBarrier(Index1D i, ArrayView<float> y) {
        Group.Barrier();
        y[i] = 1;
    }
}
