namespace DenseEngine;

/// <summary>The body of a loop on the workers, as a struct: it is run where it lies on its caller's stack and makes no garbage.</summary>
public interface ILoopBody {
    /// <summary>Runs an item.</summary>
    /// <param name="item">Its number.</param>
    /// <param name="slot">A number from 0 to <see cref="HostWorkers.Count"/>-1 that no item has which runs at the same time, for scratch
    /// memory (<see cref="HostScratch"/>). Results must not depend on it.</param>
    void Run(int item, int slot);
}
