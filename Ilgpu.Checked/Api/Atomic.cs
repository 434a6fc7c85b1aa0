using ILGPU.Checking;

namespace ILGPU;

/// <summary>Atomic changes of memory, giving back the old value. Kernels run one thread at a time here, so plain code is atomic; the
/// check for races is woven in around the calls. Those on floats exist, as in ILGPU, but kernels that use them are refused: their
/// result depends on the order of the threads.</summary>
public static class Atomic {
    /// <summary>Adds.</summary>
    public static int Add(ref int target, int value) {
        int old = target;
        target = unchecked(old + value);
        return old;
    }

    /// <summary>Keeps the larger.</summary>
    public static int Max(ref int target, int value) {
        int old = target;
        target = Math.Max(old, value);
        return old;
    }

    /// <summary>Keeps the smaller.</summary>
    public static int Min(ref int target, int value) {
        int old = target;
        target = Math.Min(old, value);
        return old;
    }

    /// <summary>Keeps common bits.</summary>
    public static int And(ref int target, int value) {
        int old = target;
        target = old & value;
        return old;
    }

    /// <summary>Sets bits.</summary>
    public static int Or(ref int target, int value) {
        int old = target;
        target = old | value;
        return old;
    }

    /// <summary>Flips bits.</summary>
    public static int Xor(ref int target, int value) {
        int old = target;
        target = old ^ value;
        return old;
    }

    /// <summary>Replaces.</summary>
    public static int Exchange(ref int target, int value) {
        int old = target;
        target = value;
        return old;
    }

    /// <summary>Replaces if equal to a value.</summary>
    public static int CompareExchange(ref int target, int compare, int value) {
        int old = target;
        target = old == compare ? value : old;
        return old;
    }

    /// <summary>Adds.</summary>
    public static uint Add(ref uint target, uint value) {
        uint old = target;
        target = unchecked(old + value);
        return old;
    }

    /// <summary>Keeps the larger.</summary>
    public static uint Max(ref uint target, uint value) {
        uint old = target;
        target = Math.Max(old, value);
        return old;
    }

    /// <summary>Keeps the smaller.</summary>
    public static uint Min(ref uint target, uint value) {
        uint old = target;
        target = Math.Min(old, value);
        return old;
    }

    /// <summary>Keeps common bits.</summary>
    public static uint And(ref uint target, uint value) {
        uint old = target;
        target = old & value;
        return old;
    }

    /// <summary>Sets bits.</summary>
    public static uint Or(ref uint target, uint value) {
        uint old = target;
        target = old | value;
        return old;
    }

    /// <summary>Flips bits.</summary>
    public static uint Xor(ref uint target, uint value) {
        uint old = target;
        target = old ^ value;
        return old;
    }

    /// <summary>Replaces.</summary>
    public static uint Exchange(ref uint target, uint value) {
        uint old = target;
        target = value;
        return old;
    }

    /// <summary>Replaces if equal to a value.</summary>
    public static uint CompareExchange(ref uint target, uint compare, uint value) {
        uint old = target;
        target = old == compare ? value : old;
        return old;
    }

    /// <summary>Adds.</summary>
    public static long Add(ref long target, long value) {
        long old = target;
        target = unchecked(old + value);
        return old;
    }

    /// <summary>Keeps the larger.</summary>
    public static long Max(ref long target, long value) {
        long old = target;
        target = Math.Max(old, value);
        return old;
    }

    /// <summary>Keeps the smaller.</summary>
    public static long Min(ref long target, long value) {
        long old = target;
        target = Math.Min(old, value);
        return old;
    }

    /// <summary>Keeps common bits.</summary>
    public static long And(ref long target, long value) {
        long old = target;
        target = old & value;
        return old;
    }

    /// <summary>Sets bits.</summary>
    public static long Or(ref long target, long value) {
        long old = target;
        target = old | value;
        return old;
    }

    /// <summary>Flips bits.</summary>
    public static long Xor(ref long target, long value) {
        long old = target;
        target = old ^ value;
        return old;
    }

    /// <summary>Replaces.</summary>
    public static long Exchange(ref long target, long value) {
        long old = target;
        target = value;
        return old;
    }

    /// <summary>Replaces if equal to a value.</summary>
    public static long CompareExchange(ref long target, long compare, long value) {
        long old = target;
        target = old == compare ? value : old;
        return old;
    }

    /// <summary>Adds.</summary>
    public static ulong Add(ref ulong target, ulong value) {
        ulong old = target;
        target = unchecked(old + value);
        return old;
    }

    /// <summary>Keeps the larger.</summary>
    public static ulong Max(ref ulong target, ulong value) {
        ulong old = target;
        target = Math.Max(old, value);
        return old;
    }

    /// <summary>Keeps the smaller.</summary>
    public static ulong Min(ref ulong target, ulong value) {
        ulong old = target;
        target = Math.Min(old, value);
        return old;
    }

    /// <summary>Keeps common bits.</summary>
    public static ulong And(ref ulong target, ulong value) {
        ulong old = target;
        target = old & value;
        return old;
    }

    /// <summary>Sets bits.</summary>
    public static ulong Or(ref ulong target, ulong value) {
        ulong old = target;
        target = old | value;
        return old;
    }

    /// <summary>Flips bits.</summary>
    public static ulong Xor(ref ulong target, ulong value) {
        ulong old = target;
        target = old ^ value;
        return old;
    }

    /// <summary>Replaces.</summary>
    public static ulong Exchange(ref ulong target, ulong value) {
        ulong old = target;
        target = value;
        return old;
    }

    /// <summary>Replaces if equal to a value.</summary>
    public static ulong CompareExchange(ref ulong target, ulong compare, ulong value) {
        ulong old = target;
        target = old == compare ? value : old;
        return old;
    }

    /// <summary>Refused in kernels: the result depends on the order of threads.</summary>
    public static float Add(ref float target, float value) => throw Faults.NotInKernel();

    /// <summary>Refused in kernels: the result depends on the order of threads.</summary>
    public static float Max(ref float target, float value) => throw Faults.NotInKernel();

    /// <summary>Refused in kernels: the result depends on the order of threads.</summary>
    public static float Min(ref float target, float value) => throw Faults.NotInKernel();

    /// <summary>Refused in kernels: the result depends on the order of threads.</summary>
    public static float Exchange(ref float target, float value) => throw Faults.NotInKernel();

    /// <summary>Refused in kernels: the result depends on the order of threads.</summary>
    public static double Add(ref double target, double value) => throw Faults.NotInKernel();

    /// <summary>Refused in kernels: the result depends on the order of threads.</summary>
    public static double Max(ref double target, double value) => throw Faults.NotInKernel();

    /// <summary>Refused in kernels: the result depends on the order of threads.</summary>
    public static double Min(ref double target, double value) => throw Faults.NotInKernel();

    /// <summary>Refused in kernels: the result depends on the order of threads.</summary>
    public static double Exchange(ref double target, double value) => throw Faults.NotInKernel();
}
