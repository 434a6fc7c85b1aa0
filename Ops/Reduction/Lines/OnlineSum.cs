namespace DenseEngine.Ops;

/// <summary>The largest of the values seen so far and the sum of their exponentials, each divided by its: what a softmax needs, from one
/// look at each value.</summary>
internal struct OnlineSum {
    /// <summary>The largest value; -∞ before the first.</summary>
    public float Max;

    /// <summary>Σ e^(x - <see cref="Max"/>).</summary>
    public float Sum;

    /// <summary>Nothing seen.</summary>
    public static OnlineSum None => new() { Max = float.NegativeInfinity };

    /// <summary>Takes one more value: a single exponential, as either the value or the largest before it is the larger.</summary>
    public void Add(float x) {
        float apart = x - Max, share = Elementary.Exp(apart > 0 ? -apart : apart);
        if (x == Max) share = 1;   // also where both are infinite
        if (x > Max) {
            Sum = Sum * share + 1;
            Max = x;
        } else {
            Sum += share;
        }
    }

    /// <summary>The sum for a larger largest value.</summary>
    public readonly float SumFor(float max) => Max == max ? Sum : Sum * Elementary.Exp(Max - max);

    /// <summary>What ends a softmax with this sum, of <paramref name="max"/>: a factor, or what is subtracted from a logarithm. Above a
    /// value of ∞ there is none.</summary>
    public static float Last(float max, float sum, int log) {
        float last = log != 0 ? Elementary.Log(sum) : 1 / sum;
        return max == float.PositiveInfinity ? float.NaN : last;
    }
}
