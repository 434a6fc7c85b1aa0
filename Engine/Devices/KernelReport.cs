using ILGPU;

namespace DenseEngine;

/// <summary>How a kernel says that its data are wrong: an index outside a tensor, say. The host learns of it when it next waits for the
/// device, and throws. A kernel must go on without touching what is not there.</summary>
/// <param name="cells">The launch that reported first; the least place that it reported, above its value.</param>
/// <param name="number">This launch's number.</param>
public readonly struct KernelReport(ArrayView<long> cells, int number) {
    private readonly ArrayView<long> cells = cells;
    private readonly int number = number;

    /// <summary>Notes that the element at a place is wrong. Of several the least place is reported, and of several launches the
    /// first.</summary>
    /// <param name="place">Where the element stands in its tensor.</param>
    /// <param name="value">What stands there.</param>
    public void Note(int place, int value) {
        long first = Atomic.CompareExchange(ref cells[0], 0, number);
        if (first == 0 || first == number) Atomic.Min(ref cells[1], (long)place << 32 | (uint)value);
    }
}
