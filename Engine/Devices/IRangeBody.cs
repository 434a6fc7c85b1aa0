namespace DenseEngine;

/// <summary>The body of a loop over ranges, as <see cref="ILoopBody"/>.</summary>
public interface IRangeBody {
    /// <summary>Runs a range.</summary>
    /// <param name="first">Its first number.</param>
    /// <param name="end">One past its last.</param>
    void Run(int first, int end);
}
