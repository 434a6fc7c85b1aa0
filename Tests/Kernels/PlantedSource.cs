namespace DenseEngine.Tests;

/// <summary>The source of <see cref="PlantedRules"/>, which is embedded for its line numbers.</summary>
internal static class PlantedSource {
    private static readonly string[] Lines = Read();

    /// <summary>The line that ends in a comment with the name; null if there is none.</summary>
    public static int? LineOf(string mark) {
        int at = Array.FindIndex(Lines, line => line.TrimEnd().EndsWith($"// {mark}", StringComparison.Ordinal));
        return at < 0 ? null : at + 1;
    }

    private static string[] Read() {
        using var reader = new StreamReader(typeof(PlantedSource).Assembly.GetManifestResourceStream("PlantedRules.cs")!);
        return reader.ReadToEnd().Split('\n');
    }
}
