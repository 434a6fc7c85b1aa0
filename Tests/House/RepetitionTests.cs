using System.Text.RegularExpressions;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Heads are made of shared parts: nothing is said twice.</summary>
public class RepetitionTests {
    private const int Passage = 6;

    /// <summary>Comments, imports, attributes and lone braces do not count, nor do spaces.</summary>
    [Fact]
    public void No_passage_of_six_lines_stands_twice_among_the_models() {
        var places = new Dictionary<string, string>();
        var repeated = new List<string>();
        foreach (SourceFile file in Sources.Of("Models")) {
            (int Number, string Text)[] lines = [.. file.Code.Select((line, i) => (i + 1, Regex.Replace(line.Trim(), @"\s+", " ")))
                .Where(line => line.Item2.Any(char.IsLetterOrDigit) && !Regex.IsMatch(line.Item2, @"^(using |namespace |\[Json)"))];
            for (int i = 0; i + Passage <= lines.Length; i++) {
                string text = string.Join('\n', lines[i..(i + Passage)].Select(line => line.Text)),
                    place = $"{file.Path}:{lines[i].Number}";
                if (!places.TryAdd(text, place)) repeated.Add($"{place} stands at {places[text]}, too");
            }
        }
        Assert.True(places.Count > 1000);
        Assert.Empty(repeated);
    }
}
