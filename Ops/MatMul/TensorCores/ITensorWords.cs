using ILGPU;

namespace DenseEngine.Ops;

/// <summary>What tensor cores multiply: words of 32 bits that hold one factor or two, made of floats and rounded.</summary>
internal interface ITensorWords {
    /// <summary>Factors of a word.</summary>
    static abstract int Factors { get; }

    /// <summary>Four words. Those of two factors take the second from <paramref name="second"/>.</summary>
    static abstract Int4 Pack(Float4 first, Float4 second);

    /// <summary>What a warp of an NVIDIA GPU multiplies in one go: 16 rows by 8 columns, 8 words of each. Lane (g, q) = 4 g + q has of the
    /// rows g and g + 8, and of column g, the words q and q + 4; of the results those of rows g and g + 8 in columns 2 q and 2 q + 1.
    /// Which inner places the words stand for does not matter, as long as rows and columns agree.</summary>
    static abstract void Multiply(ref Float4 sums, int upper, int lower, int upperNext, int lowerNext, int column, int columnNext);

    /// <summary>sum + the products of four words, for devices without such cores.</summary>
    static abstract float MultiplyAdd(float sum, Int4 row, Int4 column);
}

/// <summary>TensorFloat-32: one factor a word, of 8 bits of exponent and 10 of mantissa, rounded to the nearest and away from zero
/// where two are equally near.</summary>
internal readonly struct TensorFloatWords : ITensorWords {
    private const uint Exponent = 0x7F800000, Mantissa = 0x007FFFFF, Kept = 0xFFFFE000, Half = 0x1000, NotANumber = 0x7FFFFFFF;

    public static int Factors => 1;

    public static Int4 Pack(Float4 first, Float4 second) =>
        new() { X = Round(first.X), Y = Round(first.Y), Z = Round(first.Z), W = Round(first.W) };

    public static void Multiply(ref Float4 sums, int upper, int lower, int upperNext, int lowerNext, int column, int columnNext) =>
        TensorInstructions.MultiplyTensorFloats(ref sums, upper, lower, upperNext, lowerNext, column, columnNext);

    public static float MultiplyAdd(float sum, Int4 row, Int4 column) {
        sum += Value(row.X) * Value(column.X);
        sum += Value(row.Y) * Value(column.Y);
        sum += Value(row.Z) * Value(column.Z);
        sum += Value(row.W) * Value(column.W);
        return sum;
    }

    /// <summary>The bits of the nearest value. A NaN stays one.</summary>
    internal static int Round(float value) {
        if (TensorInstructions.AreSupported) return TensorInstructions.RoundToTensorFloat(value);
        uint bits = Interop.FloatAsInt(value);
        if ((bits & Exponent) != Exponent) bits = (bits + Half) & Kept;
        else if ((bits & Mantissa) != 0) bits = NotANumber;
        return (int)bits;
    }

    private static float Value(int word) => Interop.IntAsFloat((uint)word);
}

/// <summary>bfloat16: two factors a word, the upper halves of floats, rounded to the nearest and to even where two are equally
/// near.</summary>
internal readonly struct BrainFloatWords : ITensorWords {
    private const uint Upper = 0xFFFF0000, Exponent = 0x7F800000, Mantissa = 0x007FFFFF, NotANumber = 0x7FFF;

    public static int Factors => 2;

    public static Int4 Pack(Float4 first, Float4 second) => new() {
        X = Round(first.X, second.X),
        Y = Round(first.Y, second.Y),
        Z = Round(first.Z, second.Z),
        W = Round(first.W, second.W),
    };

    public static void Multiply(ref Float4 sums, int upper, int lower, int upperNext, int lowerNext, int column, int columnNext) =>
        TensorInstructions.MultiplyBrainFloats(ref sums, upper, lower, upperNext, lowerNext, column, columnNext);

    public static float MultiplyAdd(float sum, Int4 row, Int4 column) {
        sum = MultiplyAdd(sum, row.X, column.X);
        sum = MultiplyAdd(sum, row.Y, column.Y);
        sum = MultiplyAdd(sum, row.Z, column.Z);
        return MultiplyAdd(sum, row.W, column.W);
    }

    private static float MultiplyAdd(float sum, int row, int column) {
        sum += Interop.IntAsFloat((uint)row << 16) * Interop.IntAsFloat((uint)column << 16);
        return sum + Interop.IntAsFloat((uint)row & Upper) * Interop.IntAsFloat((uint)column & Upper);
    }

    /// <summary>Two values in one word, the first in the lower half.</summary>
    internal static int Round(float first, float second) {
        if (TensorInstructions.AreSupported) return TensorInstructions.RoundToBrainFloats(first, second);
        return (int)(Round(first) | Round(second) << 16);
    }

    private static uint Round(float value) {
        uint bits = Interop.FloatAsInt(value);
        if ((bits & Exponent) == Exponent && (bits & Mantissa) != 0) return NotANumber;
        return (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
    }
}
