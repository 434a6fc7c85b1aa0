namespace DenseEngine;

/// <summary>What GPU the processor plays when it runs kernels. Results must not depend on it: tests run with several.</summary>
/// <param name="WarpSize">Lanes of a warp.</param>
/// <param name="LargestGroup">The most threads of a group.</param>
/// <param name="Reversed">Whether groups and threads run from the last to the first (on the checking runtime; the real library has threads
/// of the system run them, in no order).</param>
internal readonly record struct PlayedGpu(int WarpSize = 32, int LargestGroup = 1024, bool Reversed = false) {
    /// <summary>NVIDIA's sizes, unless the environment says otherwise: <c>DENSE_CHECKED_WARP</c> (2 to 64), <c>DENSE_CHECKED_GROUP</c> (a
    /// multiple of the warp), <c>DENSE_CHECKED_ORDER</c> (<c>forward</c> or <c>reversed</c>).</summary>
    /// <exception cref="ConfigException">A value is none of these.</exception>
    public static PlayedGpu FromEnvironment() => From(Environment.GetEnvironmentVariable);

    /// <summary>The same of any variables.</summary>
    public static PlayedGpu From(Func<string, string?> variables) {
        int warp = Number(variables, "DENSE_CHECKED_WARP", 32), group = Number(variables, "DENSE_CHECKED_GROUP", 1024);
        if (warp is < 2 or > 64 || !int.IsPow2(warp))
            throw new ConfigException($"DENSE_CHECKED_WARP is {warp}; a power of two from 2 to 64 is needed.");
        if (group < warp || group > 1024 || group % warp != 0)
            throw new ConfigException($"DENSE_CHECKED_GROUP is {group}; a multiple of the warp's {warp} up to 1024 is needed.");
        string order = variables("DENSE_CHECKED_ORDER") ?? "forward";
        if (order is not ("forward" or "reversed"))
            throw new ConfigException($"DENSE_CHECKED_ORDER is '{order}'; forward or reversed is needed.");
        return new PlayedGpu(warp, group, order == "reversed");
    }

    private static int Number(Func<string, string?> variables, string variable, int usual) {
        string? text = variables(variable);
        if (string.IsNullOrEmpty(text)) return usual;
        return int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int number)
            ? number : throw new ConfigException($"{variable} is '{text}'; a whole number is needed.");
    }
}
