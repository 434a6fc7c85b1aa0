using System.Globalization;
using System.Text;

namespace DenseEngine.Models;

/// <summary>
/// Reads assignments of plain values in Python's notation, as mmcv and mmengine write configurations and people commonly do: numbers and
/// simple arithmetic on them, strings, lists, tuples, dicts, <c>dict(...)</c>, and names assigned above. Nothing is executed: whatever else
/// Python knows is refused by name. Values that a name repeats are shared, so that a short text cannot become large data.
/// </summary>
internal sealed class PythonConfig {
    /// <summary>The longest text, in characters.</summary>
    internal const int MaxLength = 2_000_000;

    /// <summary>How deeply values may lie inside one another.</summary>
    internal const int MaxDepth = 64;

    /// <summary>The largest number of values and keys.</summary>
    internal const int MaxValues = 75_000;

    private static readonly HashSet<string> Keywords = [
        "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except", "finally", "for",
        "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with",
        "yield", "None", "True", "False",
    ];

    private readonly PythonLexer lexer;
    private readonly PythonMapping names = new();
    private PythonToken token;
    private int values, characters, depth;

    private PythonConfig(string text) {
        lexer = new PythonLexer(text);
        token = lexer.Next();
    }

    /// <summary>The names that a text assigns, with their values; of two assignments the later counts.</summary>
    /// <exception cref="ConfigException">The text is too long, no Python, or more than plain values; the message begins with the
    /// place.</exception>
    public static PythonDict Parse(string text) {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxLength)
            throw new ConfigException($"The configuration's text has {text.Length} characters; at most {MaxLength} are read.");
        var parser = new PythonConfig(text);
        while (parser.token.Kind != PythonTokenKind.End) parser.Statement();
        return new PythonDict(new TextPlace(1, 1), parser.names);
    }

    private void Statement() {
        if (Skip(PythonTokenKind.NewLine)) return;
        if (token.Kind == PythonTokenKind.Text) {   // a comment in the form of a string
            Text();
        } else {
            Assignment();
        }
        if (token.Kind != PythonTokenKind.End && !Skip(PythonTokenKind.NewLine)) throw Unexpected("the end of the statement");
    }

    /// <summary>a = 1, or a = b = 1.</summary>
    private PythonValue Assignment() {
        PythonToken target = token;
        if (target.Kind != PythonTokenKind.Name) throw Unexpected("an assignment to a name");
        if (Keywords.Contains(target.Text)) throw NotRead($"'{target.Text}'");
        if (target.Text == "_base_") {
            throw PythonLexer.Error(target.Place, "'_base_' names other files, which are not read; "
                + "give the whole configuration, as mmdetection writes it into checkpoints");
        }
        Count(target.Place);
        Enter();
        Advance();
        if (!token.Is("=")) throw NotRead($"{target.Shown} followed by {token.Shown}");
        Advance();
        bool another = token.Kind == PythonTokenKind.Name && !Keywords.Contains(token.Text) && lexer.AtAssignment();
        PythonValue value = another ? Assignment() : Sum();
        if (token.Is(",")) throw NotRead("a tuple without brackets");
        depth--;
        names.Set(new PythonKey(target.Text), target.Place, value);
        return value;
    }

    /// <summary>a + b and a - b.</summary>
    private PythonValue Sum() {
        Enter();
        PythonValue left = Product();
        while (token.Is("+") || token.Is("-")) {
            PythonToken sign = Advance();
            PythonValue right = Product();
            left = sign.Text == "+" && left is PythonText first && right is PythonText second
                ? new PythonText(left.Place, Joined(first.Value, second)) : PythonArithmetic.Apply(sign, left, right);
            Count(left.Place);
        }
        bool ends = token.Kind != PythonTokenKind.Sign || token.Text is "," or ")" or "]" or "}" or ":";
        if (!ends || token.Kind == PythonTokenKind.Name) throw Unexpected("the end of the value");
        depth--;
        return left;
    }

    private PythonValue Product() {
        PythonValue left = Signed();
        while (token.Is("*") || token.Is("/") || token.Is("//") || token.Is("%")) {
            PythonToken sign = Advance();
            left = PythonArithmetic.Apply(sign, left, Signed());
            Count(left.Place);
        }
        return left;
    }

    /// <summary>-a, which binds less than a ** b.</summary>
    private PythonValue Signed() {
        TextPlace place = token.Place;
        bool negative = false, any = false;
        for (; token.Is("-") || token.Is("+"); any = true) negative ^= Advance().Text == "-";
        PythonValue value = Atom();
        if (token.Is("**")) {
            PythonToken sign = Advance();
            Enter();
            value = PythonArithmetic.Apply(sign, value, Signed());
            depth--;
            Count(place);
        }
        return any ? PythonArithmetic.Signed(place, value, negative) : value;
    }

    private PythonValue Atom() {
        PythonToken first = token;
        Count(first.Place);
        PythonValue value = first.Kind switch {
            PythonTokenKind.Int => new PythonInt(Advance().Place, first.Int),
            PythonTokenKind.Float => new PythonFloat(Advance().Place, first.Float),
            PythonTokenKind.Text => Text(),
            PythonTokenKind.Name => Named(),
            PythonTokenKind.Sign when first.Text == "[" => List(),
            PythonTokenKind.Sign when first.Text == "(" => Parentheses(),
            PythonTokenKind.Sign when first.Text == "{" => Braces(),
            _ => throw Unexpected("a value"),
        };
        if (token.Is("(") || token.Is("[") || token.Is(".")) throw NotRead($"a value followed by {token.Shown}");
        return value.Depth <= MaxDepth ? value : throw PythonLexer.Error(first.Place, $"more than {MaxDepth} values inside one another");
    }

    /// <summary>Strings side by side are one.</summary>
    private PythonText Text() {
        PythonToken first = Advance();
        if (token.Kind != PythonTokenKind.Text) return new PythonText(first.Place, first.Text);
        var joined = new StringBuilder(first.Text);
        while (token.Kind == PythonTokenKind.Text) joined.Append(Advance().Text);
        return new PythonText(first.Place, joined.ToString());
    }

    private PythonValue Named() {
        PythonToken name = Advance();
        if (token.Is("(")) {
            if (name.Text is "dict" or "float") return name.Text == "dict" ? DictCall(name.Place) : FloatCall(name.Place);
            throw PythonLexer.Error(name.Place, $"calls of {name.Shown} are not read: nothing is executed");
        }
        switch (name.Text) {
            case "None": return new PythonNone(name.Place);
            case "True": return new PythonBool(name.Place, true);
            case "False": return new PythonBool(name.Place, false);
        }
        if (Keywords.Contains(name.Text)) throw PythonLexer.Error(name.Place, $"'{name.Text}' is not read here, only plain values");
        if (names.Find(new PythonKey(name.Text)) is { } value) return value;
        // mmcv and mmengine write these values so.
        if (name.Text is "inf" or "nan") return new PythonFloat(name.Place, name.Text == "inf" ? double.PositiveInfinity : double.NaN);
        throw PythonLexer.Error(name.Place, $"the name {name.Shown} is not assigned above");
    }

    private PythonList List() {
        TextPlace place = Advance().Place;
        return new PythonList(place, Items("]", []), IsTuple: false);
    }

    /// <summary>A tuple, or a value in parentheses.</summary>
    private PythonValue Parentheses() {
        TextPlace place = Advance().Place;
        if (token.Is(")")) return new PythonList(place, Items(")", []), IsTuple: true);
        PythonValue first = Sum();
        if (token.Is(")")) {
            Advance();
            return first;
        }
        Expect(",", "')' or ','");
        return new PythonList(place, Items(")", [first]), IsTuple: true);
    }

    private List<PythonValue> Items(string end, List<PythonValue> items) {
        while (!token.Is(end)) {
            items.Add(Sum());
            if (!token.Is(end)) Expect(",", $"'{end}' or ','");
        }
        Advance();
        return items;
    }

    /// <summary>{'a': 1, **b}; of two equal keys the later value counts.</summary>
    private PythonDict Braces() {
        TextPlace place = Advance().Place;
        var entries = new PythonMapping();
        while (!token.Is("}")) {
            if (token.Is("**")) {
                foreach (PythonEntry entry in Unpacked()) entries.Set(entry.Key, entry.Place, entry.Value);
            } else {
                PythonValue key = Sum();
                if (token.Is(",") || token.Is("}")) throw PythonLexer.Error(place, "sets are not read");
                Expect(":", "':'");
                entries.Set(key switch {
                    PythonText text => new PythonKey(text.Value),
                    PythonInt number => new PythonKey(number.Value.ToString(CultureInfo.InvariantCulture), IsInt: true),
                    _ => throw PythonLexer.Error(key.Place, $"a key must be text or an integer, not {key.Kind}"),
                }, key.Place, Sum());
            }
            if (!token.Is("}")) Expect(",", "'}' or ','");
        }
        Advance();
        return new PythonDict(place, entries);
    }

    /// <summary>dict(a=1, **b), where no key may come twice.</summary>
    private PythonDict DictCall(TextPlace place) {
        Advance();
        var entries = new PythonMapping();
        while (!token.Is(")")) {
            if (token.Is("**")) {
                TextPlace at = token.Place;
                foreach (PythonEntry entry in Unpacked()) Add(entries, entry.Key, at, entry.Place, entry.Value);
            } else {
                PythonToken key = token;
                if (key.Kind != PythonTokenKind.Name || Keywords.Contains(key.Text)) throw Unexpected("a key as in dict(key=value)");
                Advance();
                Expect("=", "'='");
                Count(key.Place);
                Add(entries, new PythonKey(key.Text), key.Place, key.Place, Sum());
            }
            if (!token.Is(")")) Expect(",", "')' or ','");
        }
        Advance();
        return new PythonDict(place, entries);
    }

    private static void Add(PythonMapping entries, PythonKey key, TextPlace at, TextPlace place, PythonValue value) {
        if (key.IsInt) throw PythonLexer.Error(at, $"dict() cannot take the key {key.Text}, only names");
        if (entries.Find(key) is not null)
            throw PythonLexer.Error(at, $"the key '{PythonValue.Shortened(new(key.Text))}' comes twice in dict()");
        entries.Set(key, place, value);
    }

    private PythonMapping Unpacked() {
        Advance();
        PythonValue value = Sum();
        if (value is not PythonDict dict) throw PythonLexer.Error(value.Place, $"'**' needs a dict, not {value.Kind}");
        Count(value.Place, 2 * dict.Entries.Count);   // copied, so counted again
        return dict.Entries;
    }

    /// <summary>float('inf'), float(3).</summary>
    private PythonFloat FloatCall(TextPlace place) {
        Advance();
        PythonValue given = Sum();
        Expect(")", "')'");
        double? value = given switch {
            PythonInt number => number.Value,
            PythonFloat number => number.Value,
            PythonText text => PythonArithmetic.Float(text.Value),
            _ => null,
        };
        return new PythonFloat(place, value ?? throw PythonLexer.Error(given.Place, $"float() cannot read {given}"));
    }

    private string Joined(string first, PythonText second) {
        // Sums of sums could grow without bounds: they share the text's own limit.
        characters += first.Length + second.Value.Length;
        return characters <= MaxLength ? first + second.Value
            : throw PythonLexer.Error(second.Place, $"joined strings of more than {MaxLength} characters");
    }

    private void Count(TextPlace place, int number = 1) {
        if ((values += number) > MaxValues) throw PythonLexer.Error(place, $"more than {MaxValues} values and keys");
    }

    private void Enter() {
        if (++depth > MaxDepth) throw PythonLexer.Error(token.Place, $"more than {MaxDepth} values inside one another");
    }

    private PythonToken Advance() {
        PythonToken before = token;
        token = lexer.Next();
        return before;
    }

    private bool Skip(PythonTokenKind kind) {
        if (token.Kind != kind) return false;
        Advance();
        return true;
    }

    private void Expect(string sign, string needed) {
        if (!token.Is(sign)) throw Unexpected(needed);
        Advance();
    }

    private ConfigException Unexpected(string needed) => PythonLexer.Error(token.Place, $"{token.Shown} where {needed} is needed");

    private ConfigException NotRead(string what) =>
        PythonLexer.Error(token.Place, $"{what} is not read: only assignments of plain values are, and nothing is executed");
}
