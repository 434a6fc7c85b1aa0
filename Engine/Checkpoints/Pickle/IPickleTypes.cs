namespace DenseEngine;

/// <summary>What a pickle may make beside plain data.</summary>
internal interface IPickleTypes {
    /// <summary>What calling a class or function with arguments gives: one of those known here, or an inert object in its place.</summary>
    /// <param name="callee">What is called.</param>
    /// <param name="arguments">The tuple of arguments.</param>
    /// <param name="source">The pickle, for errors.</param>
    /// <exception cref="CheckpointException">The arguments are not what it takes.</exception>
    object? Call(PickleName callee, PickleList arguments, PickleSource source);

    /// <summary>Gives an object its state, if it is of a kind known here that has one.</summary>
    /// <returns>False if it takes none.</returns>
    bool Build(object? target, object? state, PickleSource source);

    /// <summary>The object that a persistent id stands for.</summary>
    /// <exception cref="CheckpointException">There is none.</exception>
    object Persistent(object? id, PickleSource source);
}
