namespace DenseEngine.Ops;

/// <summary>What the transforms of <see cref="WinogradLines"/> need of numbers, of which some channels' worth are done at once.</summary>
internal interface IWinogradLanes<T> {
    /// <summary>a + b.</summary>
    static abstract T Add(T a, T b);

    /// <summary>a - b.</summary>
    static abstract T Subtract(T a, T b);

    /// <summary>a · factor.</summary>
    static abstract T Scale(float factor, T a);

    /// <summary>a · numerator / denominator, the fraction as near as the numbers can be.</summary>
    static abstract T Share(int numerator, int denominator, T a);

    /// <summary>a · factor + b, in one rounding where that is no slower.</summary>
    static abstract T MultiplyAdd(float factor, T a, T b);
}
