namespace DenseEngine;

/// <summary>What GPU the processor plays when it runs kernels. Results must not depend on it: tests run with several.</summary>
/// <param name="WarpSize">Lanes of a warp.</param>
/// <param name="LargestGroup">The most threads of a group.</param>
/// <param name="Reversed">Whether groups and threads run from the last to the first (on the checking runtime; the real library has threads
/// of the system run them, in no order).</param>
/// <param name="Checks">Whether the checking runtime checks each access: without, kernels run about twice as fast.</param>
/// <param name="Shuffles">Whether kernels let the threads of a warp exchange values directly, as all GPUs can but some on OpenCL.</param>
internal readonly record struct PlayedGpu(int WarpSize = 32, int LargestGroup = 1024, bool Reversed = false, bool Checks = true,
    bool Shuffles = true) {
    /// <summary>NVIDIA's sizes, unless the environment says otherwise: <c>DENSE_CHECKED_WARP</c> (2 to 64), <c>DENSE_CHECKED_GROUP</c> (a
    /// multiple of the warp), <c>DENSE_CHECKED_ORDER</c> (<c>forward</c> or <c>reversed</c>), <c>DENSE_CHECKED_ACCESSES</c>
    /// (<c>on</c> or <c>off</c>).</summary>
    /// <exception cref="ConfigException">A value is none of these.</exception>
    public static PlayedGpu FromEnvironment() => From(Environment.GetEnvironmentVariable);

    /// <summary>The same of any variables.</summary>
    public static PlayedGpu From(Func<string, string?> variables) {
        int warp = Number(variables, "DENSE_CHECKED_WARP", 32), group = Number(variables, "DENSE_CHECKED_GROUP", 1024);
        if (warp is < 2 or > 64 || !int.IsPow2(warp))
            throw new ConfigException($"DENSE_CHECKED_WARP is {warp}; a power of two from 2 to 64 is needed.");
        if (group < warp || group > 1024 || group % warp != 0)
            throw new ConfigException($"DENSE_CHECKED_GROUP is {group}; a multiple of the warp's {warp} up to 1024 is needed.");
        return new PlayedGpu(warp, group, Second(variables, "DENSE_CHECKED_ORDER", "forward", "reversed"),
            !Second(variables, "DENSE_CHECKED_ACCESSES", "on", "off"));
    }

    private static bool Second(Func<string, string?> variables, string variable, string first, string second) {
        string? text = variables(variable);
        if (!string.IsNullOrEmpty(text) && text != first && text != second)
            throw new ConfigException($"{variable} is '{text}'; {first} or {second} is needed.");
        return text == second;
    }

    private static int Number(Func<string, string?> variables, string variable, int usual) {
        string? text = variables(variable);
        if (string.IsNullOrEmpty(text)) return usual;
        return int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int number)
            ? number : throw new ConfigException($"{variable} is '{text}'; a whole number is needed.");
    }
}
