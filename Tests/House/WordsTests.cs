using System.Text.RegularExpressions;
using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>What may not be said where.</summary>
public class WordsTests {
    private static readonly string[] Product = ["Engine", "Ops", "Models", "Training", "Cases", "Cli", "Ilgpu.Checked"];

    /// <summary>Where a banned word stands all the same, with the reason.</summary>
    private static readonly Dictionary<string, string> Justified = new() {
        ["Tests/Program.cs"] = "a program of its own: a bundle's tests, and a child process that reports to its parent",
        ["Tests/Packaging/PackageTests.cs"] = "the text of a program of its own",
    };

    [Fact]
    public void Operations_use_no_elementary_functions_but_their_own() => Refuse(Sources.Of("Ops"),
        @"\b(MathF?|XMath|Vector(64|128|256|512)?)\.(Exp|Exp2|ExpM1|Log|Log2|Log10|Log1P|LogP1|Pow|"
        + @"Tanh|Sinh|Cosh|Sin|Cos|SinCos|Tan|Atan|Atan2|Asin|Acos|Cbrt|Hypot|Rsqrt)\b");

    [Fact]
    public void Work_is_shared_by_the_workers_alone() => Refuse(Sources.Of(Product),
        @"\bParallel\.|\bTask\.Run\b|\bThreadPool\b|\.AsParallel\(");

    [Fact]
    public void Chance_is_explicit() => Refuse(Sources.Of(Product), @"\bRandom\.Shared\b|\bnew Random\(|\bGuid\.NewGuid\b");

    [Fact]
    public void Results_know_no_wall_clock() => Refuse(Sources.Of("Engine", "Ops", "Models", "Ilgpu.Checked"),
        @"\bDateTime(Offset)?\.(Now|UtcNow)\b|\bStopwatch\b|\bEnvironment\.TickCount");

    [Fact]
    public void Only_programs_print() =>
        Refuse(Sources.All.Where(file => file.Room is not ("Cli" or "Benchmarks")), @"\bConsole\.(Write|Out|Error|In|Read)");

    [Fact]
    public void Engine_names_no_operation() => Refuse(Sources.Of("Engine"), @"\bDenseEngine\.Ops\b|\bOp\.");

    [Fact]
    public void Operations_name_no_detector() {
        string names =
            string.Join('|', typeof(Detector).Assembly.GetExportedTypes().Select(type => type.Name).Where(name => !name.Contains('`')));
        Refuse(Sources.Of("Ops"), $@"\bDenseEngine\.Models\b|\b(?:Gfl|Atss|Retina|Fcos)\w*|\b(?:new |typeof\()(?:{names})\b");
    }

    /// <summary>Something left to do has an issue.</summary>
    [Fact]
    public void Open_ends_name_their_issue() {
        string word = "TO" + "DO";
        var open = new Regex($@"\b({word}|FIX{"ME"})\b(?!.*#\d)");
        Assert.Empty(from file in Sources.All
                     from line in file.Lines.Index()
                     where open.IsMatch(line.Item)
                     select $"{file.Path}:{line.Index + 1}");
    }

    private static void Refuse(IEnumerable<SourceFile> files, string pattern) {
        var banned = new Regex(pattern);
        Assert.Empty(from file in files
                     where !Justified.ContainsKey(file.Path)
                     from line in file.Code.Index()
                     where banned.IsMatch(line.Item)
                     select $"{file.Path}:{line.Index + 1}: {line.Item.Trim()}");
    }
}
