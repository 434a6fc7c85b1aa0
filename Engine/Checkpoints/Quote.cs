namespace DenseEngine;

/// <summary>Puts a file's own words into a message: between quotes, and no more of them than fits a line.</summary>
internal static class Quote {
    private const int Longest = 80;

    public static string Of(string text) => text.Length <= Longest ? $"'{text}'" : $"'{text[..Longest]}…'";
}
