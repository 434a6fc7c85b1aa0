namespace DenseEngine.Cases;

/// <summary>The row of an operation: from it come its fixture checks, gradient checks, thread checks and error checks.</summary>
/// <param name="Method">The method of <c>Op</c>.</param>
internal sealed record OpRow(string Method) {
    /// <summary>The fixture file (without ending), null for an operation that has none.</summary>
    public string? Fixture { get; init; }

    /// <summary>Further fixture files of the same operation.</summary>
    public IReadOnlyList<string> MoreFixtures { get; init; } = [];

    /// <summary>Calls the operation as the fixture's case says.</summary>
    public Func<FixtureCase, Outputs>? Run { get; init; }

    /// <summary>Calls with inputs of our own choice: gradients, threads, odd and empty sizes.</summary>
    public IReadOnlyList<Sample> Samples { get; init; } = [];

    /// <summary>A call of a size that detectors have, whose time <c>dense verify</c> shows; without one it is the largest
    /// sample's.</summary>
    public Sample? Timed { get; init; }

    /// <summary>Whether it multiplies matrices on a device, whose <see cref="Precision"/> its error then follows.</summary>
    public bool Multiplies { get; init; }

    /// <summary>Calls that must be refused, each with a part of the message.</summary>
    public IReadOnlyList<(Action Call, string Message)> Errors { get; init; } = [];

    /// <summary>Why there is no sample whose gradient could be checked, for operations without a gradient.</summary>
    public string? NoGradient { get; init; }
}

/// <summary>A call of an operation.</summary>
/// <param name="Name">Names it beside the operation.</param>
/// <param name="Call">From inputs to the result whose gradient is checked.</param>
/// <param name="Inputs">Makes each input; integers get no gradient.</param>
internal sealed record Sample(string Name, Func<Tensor[], Tensor> Call, params Draw[] Inputs) {
    /// <summary>How far inputs move in the directional check. Larger than the default only for functions that are linear,
    /// or flat.</summary>
    public double Step { get; init; } = 1e-2;

    /// <summary>Whether the directional check applies: not for empty results or integers.</summary>
    public bool Differentiable { get; init; } = true;

    /// <summary>Asks something of the operation's choices while it and its gradients are run.</summary>
    public Func<IDisposable>? Asks { get; init; }

    /// <summary>How exact a device's products are to be, where it has a choice. Below single precision inputs are whole numbers that every
    /// precision holds, and so are the result's gradients then: what the device gives is exact.</summary>
    public Precision Precision { get; init; }
}

/// <summary>Draws an input on a device.</summary>
internal delegate Tensor Draw(Philox random, Device device);

/// <summary>What an operation gave, by the fixture's names.</summary>
internal sealed class Outputs(params (string Name, Tensor Tensor)[] named) {
    public IReadOnlyList<(string Name, Tensor Tensor)> Named => named;

    public static implicit operator Outputs(Tensor output) => new(("output", output));

    public static implicit operator Outputs((Tensor Values, Tensor Indices) pair) =>
        new(("values", pair.Values), ("indices", pair.Indices));
}
