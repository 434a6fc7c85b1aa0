using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void BroadcastGpu<TBody>(GpuDevice gpu, Tensor y, Tensor a, Tensor b, Tensor? dy)
        where TBody : struct, IBroadcastBody {
        if (y.Count == 0) return;
        var geometry = new BroadcastGeometry(y.Shape, a.Shape, b.Shape);
        if (geometry.InFours)
            gpu.Kernel(BroadcastKernel<TBody>, accelerator => accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>,
                ArrayView<float>, ArrayView<float>, ArrayView<float>, BroadcastGeometry>(BroadcastKernel<TBody>))
                (Pairs(y.Count), gpu.Floats(y), gpu.Floats(a), gpu.Floats(b), gpu.Floats(dy ?? a), geometry);
        else
            gpu.Kernel(BroadcastOddKernel<TBody>, accelerator => accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>,
                ArrayView<float>, ArrayView<float>, ArrayView<float>, BroadcastGeometry>(BroadcastOddKernel<TBody>))
                (Fours(y.Count), gpu.Floats(y), gpu.Floats(a), gpu.Floats(b), gpu.Floats(dy ?? a), geometry);
    }

    private static void ChooseGpu(GpuDevice gpu, Tensor y, Tensor condition, Tensor a, Tensor b) {
        if (y.Count == 0) return;
        BroadcastGeometry values = new(y.Shape, a.Shape, b.Shape), conditions = new(y.Shape, condition.Shape, condition.Shape);
        if (values.InFours && conditions.InFours)
            gpu.Kernel(ChooseKernel, accelerator => accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<int>,
                ArrayView<float>, ArrayView<float>, BroadcastGeometry, BroadcastGeometry>(ChooseKernel))
                (Fours(y.Count), gpu.Floats(y), gpu.Integers(condition), gpu.Floats(a), gpu.Floats(b), values, conditions);
        else
            gpu.Kernel(ChooseOddKernel, accelerator => accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>,
                ArrayView<int>, ArrayView<float>, ArrayView<float>, BroadcastGeometry, BroadcastGeometry>(ChooseOddKernel))
                (Fours(y.Count), gpu.Floats(y), gpu.Integers(condition), gpu.Floats(a), gpu.Floats(b), values, conditions);
    }

    /// <summary>Two times four neighbouring elements of the result a thread, each four in one row, half the tensor apart; what is left
    /// beside them, where there is but one row, one by one. Without a gradient, dy is the first operand and is not read.</summary>
    internal static void BroadcastKernel<TBody>(Index1D i, ArrayView<float> y, ArrayView<float> a, ArrayView<float> b,
        ArrayView<float> dy, BroadcastGeometry geometry) where TBody : struct, IBroadcastBody {
        int second = i + Pairs(y.IntLength), row = 4 * i / geometry.Inner, column = 4 * i - row * geometry.Inner;
        int fromA = geometry.OffsetA(row) + column * geometry.StepA, fromB = geometry.OffsetB(row) + column * geometry.StepB;
        ArrayView<Float4> y4 = y.Cast<Float4>(), dy4 = dy.Cast<Float4>();
        if (second < y.IntLength >> 2) {
            row = 4 * second / geometry.Inner;
            column = 4 * second - row * geometry.Inner;
            int nextA = geometry.OffsetA(row) + column * geometry.StepA, nextB = geometry.OffsetB(row) + column * geometry.StepB;
            Float4 left, right, further, beside, slope = default, next = default;
            if (TBody.ReadsGradient) {
                slope = dy4[i];
                next = dy4[second];
            }
            if (geometry.StepA != 0 && geometry.StepB != 0) {   // no branch between the loads: all are on their way together
                ArrayView<Float4> a4 = a.Cast<Float4>(), b4 = b.Cast<Float4>();
                left = a4[fromA >> 2];
                further = a4[nextA >> 2];
                right = b4[fromB >> 2];
                beside = b4[nextB >> 2];
            } else {
                left = FourOf(a, fromA, geometry.StepA);
                further = FourOf(a, nextA, geometry.StepA);
                right = FourOf(b, fromB, geometry.StepB);
                beside = FourOf(b, nextB, geometry.StepB);
            }
            y4[i] = Four<TBody>(left, right, slope);
            y4[second] = Four<TBody>(further, beside, next);
            return;
        }
        if (i < y.IntLength >> 2) {
            Float4 left = FourOf(a, fromA, geometry.StepA), right = FourOf(b, fromB, geometry.StepB), slope = default;
            if (TBody.ReadsGradient) slope = dy4[i];
            y4[i] = Four<TBody>(left, right, slope);
        } else OneByOne<TBody>(4 * i, y, a, b, dy, geometry);
        OneByOne<TBody>(4 * second, y, a, b, dy, geometry);
    }

    /// <summary>The last elements of a tensor of one row.</summary>
    private static void OneByOne<TBody>(int at, ArrayView<float> y, ArrayView<float> a, ArrayView<float> b, ArrayView<float> dy,
        BroadcastGeometry geometry) where TBody : struct, IBroadcastBody {
        for (; at < y.IntLength; at++) {
            float slope = 0;
            if (TBody.ReadsGradient) slope = dy[at];
            y[at] = TBody.Apply(a[at * geometry.StepA], b[at * geometry.StepB], slope);
        }
    }

    private static Float4 Four<TBody>(Float4 left, Float4 right, Float4 slope) where TBody : struct, IBroadcastBody => Float4.Of(
        TBody.Apply(left.X, right.X, slope.X), TBody.Apply(left.Y, right.Y, slope.Y), TBody.Apply(left.Z, right.Z, slope.Z),
        TBody.Apply(left.W, right.W, slope.W));

    /// <summary>Four neighbouring elements of the result a thread, of rows whose lengths are not multiples of four: each element's operands
    /// are found on their own.</summary>
    internal static void BroadcastOddKernel<TBody>(Index1D i, ArrayView<float> y, ArrayView<float> a, ArrayView<float> b,
        ArrayView<float> dy, BroadcastGeometry geometry) where TBody : struct, IBroadcastBody {
        int at = 4 * i, count = y.IntLength - at;
        Float4 left = Float4.Of(a[geometry.PlaceA(at, 0)], a[geometry.PlaceA(at, 1)], a[geometry.PlaceA(at, 2)], a[geometry.PlaceA(at, 3)]);
        Float4 right = Float4.Of(b[geometry.PlaceB(at, 0)], b[geometry.PlaceB(at, 1)], b[geometry.PlaceB(at, 2)],
            b[geometry.PlaceB(at, 3)]);
        Float4 slope = default;
        if (TBody.ReadsGradient) slope = Float4.Load(dy, at, count, 1);
        Float4.Of(TBody.Apply(left.X, right.X, slope.X), TBody.Apply(left.Y, right.Y, slope.Y), TBody.Apply(left.Z, right.Z, slope.Z),
            TBody.Apply(left.W, right.W, slope.W)).Store(y, at, count, 1);
    }

    /// <summary>Four neighbouring elements of the result a thread, from the operands that the conditions choose; what is left as in
    /// <see cref="BroadcastKernel"/>.</summary>
    internal static void ChooseKernel(Index1D i, ArrayView<float> y, ArrayView<int> condition, ArrayView<float> a, ArrayView<float> b,
        BroadcastGeometry values, BroadcastGeometry conditions) {
        int at = 4 * i, row = at / values.Inner, column = at - row * values.Inner;
        int fromA = values.OffsetA(row) + column * values.StepA, fromB = values.OffsetB(row) + column * values.StepB;
        row = at / conditions.Inner;
        column = at - row * conditions.Inner;
        int chosen = conditions.OffsetA(row) + column * conditions.StepA;
        if (at + 4 <= y.IntLength) {
            Float4 left = FourOf(a, fromA, values.StepA), right = FourOf(b, fromB, values.StepB);
            Int4 first = default;
            if (conditions.StepA != 0) first = condition.Cast<Int4>()[chosen >> 2];
            else first = Int4.Splat(condition[chosen]);
            y.Cast<Float4>()[i] = Float4.Of(first.X != 0 ? left.X : right.X, first.Y != 0 ? left.Y : right.Y,
                first.Z != 0 ? left.Z : right.Z, first.W != 0 ? left.W : right.W);
            return;
        }
        for (; at < y.IntLength; at++, fromA += values.StepA, fromB += values.StepB, chosen += conditions.StepA)
            y[at] = condition[chosen] != 0 ? a[fromA] : b[fromB];
    }

    /// <summary>Four neighbouring elements of the result a thread, each found on its own, as in <see cref="BroadcastOddKernel"/>.</summary>
    internal static void ChooseOddKernel(Index1D i, ArrayView<float> y, ArrayView<int> condition, ArrayView<float> a,
        ArrayView<float> b, BroadcastGeometry values, BroadcastGeometry conditions) {
        int at = 4 * i;
        Float4.Of(Chosen(at, 0, condition, a, b, values, conditions), Chosen(at, 1, condition, a, b, values, conditions),
            Chosen(at, 2, condition, a, b, values, conditions), Chosen(at, 3, condition, a, b, values, conditions))
            .Store(y, at, y.IntLength - at, 1);
    }

    private static float Chosen(int at, int next, ArrayView<int> condition, ArrayView<float> a, ArrayView<float> b,
        BroadcastGeometry values, BroadcastGeometry conditions) =>
        condition[conditions.PlaceA(at, next)] != 0 ? a[values.PlaceA(at, next)] : b[values.PlaceB(at, next)];

    /// <summary>Four neighbours of an operand, or one element four times where it repeats.</summary>
    private static Float4 FourOf(ArrayView<float> values, int at, int step) {
        Float4 result = default;
        if (step != 0) result = values.Cast<Float4>()[at >> 2];
        else result = Float4.Splat(values[at]);
        return result;
    }
}
