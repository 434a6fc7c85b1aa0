using System.Globalization;
using System.Text;

namespace DenseEngine.Models;

/// <summary>Splits a text in Python's notation into words, one at a time. Inside brackets line ends do not count.</summary>
internal sealed class PythonLexer {
    private const int LongestName = 200, LongestNumber = 400;
    private static readonly string[] Signs =
        ["**=", "//=", "**", "//", "->", ":=", "+=", "-=", "*=", "/=", "%=", "==", "!=", "<=", ">=", "<<", ">>"];

    private static readonly string[] SingleSigns = [.. Enumerable.Range(0, 128).Select(code => ((char)code).ToString())];

    private readonly string text;
    private readonly PythonStrings strings;
    private int brackets;

    /// <summary>Starts at the beginning.</summary>
    public PythonLexer(string text) {
        this.text = text;
        if (text.StartsWith('\uFEFF')) Position = LineStart = 1;
        strings = new PythonStrings(this, text);
    }

    /// <summary>The next character that is read.</summary>
    internal int Position { get; set; }

    /// <summary>The number of the line, from 1.</summary>
    internal int Line { get; set; } = 1;

    /// <summary>Where the line begins.</summary>
    internal int LineStart { get; set; }

    /// <summary>The place of the next character.</summary>
    internal TextPlace Place => new(Line, Position - LineStart + 1);

    private char Current => Position < text.Length ? text[Position] : '\0';

    private char Ahead(int by) => Position + by < text.Length ? text[Position + by] : '\0';

    /// <summary>The next word.</summary>
    /// <exception cref="ConfigException">There is none that Python knows.</exception>
    public PythonToken Next() {
        bool indented = SkipBlanks();
        TextPlace place = Place;
        if (Position == text.Length) return new PythonToken(PythonTokenKind.End, place);
        char first = Current;
        if (first is '\n' or '\r') {
            SkipLineEnd();
            return new PythonToken(PythonTokenKind.NewLine, place);
        }
        if (indented) throw Error(place, "an indented line; only assignments at the beginning of a line are read");
        if (first is '\'' or '"' || strings.PrefixLength() > 0) return new PythonToken(PythonTokenKind.Text, place, strings.Read());
        if (char.IsAsciiDigit(first) || (first == '.' && char.IsAsciiDigit(Ahead(1)))) return Number(place);
        if (char.IsLetter(first) || first == '_') return Name(place);
        return Sign(place);
    }

    /// <summary>An error at a place.</summary>
    public static ConfigException Error(TextPlace place, string what) => new($"{place}: {what}.");

    /// <summary>Whether a single equals sign follows.</summary>
    public bool AtAssignment() {
        int next = Position;
        while (next < text.Length && text[next] is ' ' or '\t') next++;
        return next < text.Length && text[next] == '=' && (next + 1 == text.Length || text[next + 1] != '=');
    }

    /// <summary>Refuses the character 0, which Python does not read anywhere, not even in strings and comments.</summary>
    internal void RefuseZero() {
        if (Position < text.Length && text[Position] == '\0') throw Error(Place, "the character U+0000 cannot stand here");
    }

    /// <summary>Skips one line end of any kind.</summary>
    internal void SkipLineEnd() {
        Position += Current == '\r' && Ahead(1) == '\n' ? 2 : 1;
        Line++;
        LineStart = Position;
    }

    /// <summary>Skips blanks, comments, continued lines and, inside brackets, line ends.</summary>
    /// <returns>Whether blanks stand at the beginning of a statement.</returns>
    private bool SkipBlanks() {
        bool indented = false, continued = false;
        for (; Position < text.Length; Position++) {
            char c = Current;
            if (c is ' ' or '\t' or '\f') {
                indented |= Position == LineStart && brackets == 0 && !continued;
            } else if (c == '#') {
                for (; Position < text.Length && Current is not ('\n' or '\r'); Position++) RefuseZero();
                Position--;
            } else if (c == '\\' && Ahead(1) is '\n' or '\r') {
                Position++;
                SkipLineEnd();
                Position--;
                continued = true;
            } else if (c is '\n' or '\r' && brackets > 0) {
                SkipLineEnd();
                Position--;
            } else {
                break;
            }
        }
        return indented;
    }

    private PythonToken Name(TextPlace place) {
        int start = Position;
        while (char.IsLetterOrDigit(Current) || Current == '_') Position++;
        // Python has several ways to write one such name.
        if (!Ascii.IsValid(text.AsSpan(start, Position - start))) throw Error(place, "a name with other letters than A to Z");
        if (Position - start > LongestName) throw Error(place, $"a name of more than {LongestName} characters");
        return new PythonToken(PythonTokenKind.Name, place, text[start..Position]);
    }

    private PythonToken Sign(TextPlace place) {
        string sign = Current < 128 ? SingleSigns[Current] : "";
        foreach (string longer in Signs) {
            if (string.CompareOrdinal(text, Position, longer, 0, longer.Length) != 0) continue;
            sign = longer;
            break;
        }
        if (sign.Length == 0 || (sign.Length == 1 && !"()[]{},:;=+-*/%.<>|&^~@!".Contains(sign[0], StringComparison.Ordinal)))
            throw Error(place, string.Create(CultureInfo.InvariantCulture, $"the character U+{(int)Current:X4} cannot stand here"));
        Position += sign.Length;
        if (sign is "(" or "[" or "{") brackets++;
        if (sign is ")" or "]" or "}") brackets = Math.Max(0, brackets - 1);
        return sign == ";" ? new PythonToken(PythonTokenKind.NewLine, place) : new PythonToken(PythonTokenKind.Sign, place, sign);
    }

    private PythonToken Number(TextPlace place) {
        int start = Position;
        int radix = Current != '0' ? 10 : char.ToLowerInvariant(Ahead(1)) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 10 };
        if (radix != 10) Position += 2;
        bool isFloat = false;
        // What may belong to a number is taken, and then judged: a sign only behind a decimal exponent's letter.
        for (; char.IsAsciiLetterOrDigit(Current) || Current is '_' or '.' || (Current is '+' or '-' && IsExponent(radix)); Position++)
            isFloat |= radix == 10 && Current is '.' or 'e' or 'E';
        ReadOnlySpan<char> written = text.AsSpan(start, Position - start);
        if (written.Length > LongestNumber) throw Error(place, $"a number of more than {LongestNumber} characters");
        ReadOnlySpan<char> digits = written.Contains('_') ? Joined(written) : written;
        if (isFloat && digits.Length > 0 && double.TryParse(digits, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture, out double value))
            return new PythonToken(PythonTokenKind.Float, place, Float: value);
        ReadOnlySpan<char> body = radix == 10 ? digits : digits[Math.Min(2, digits.Length)..];
        bool legal = !isFloat && body.Length > 0 && (radix != 10 || body.Length == 1 || body[0] != '0' || body.TrimStart('0').IsEmpty);
        foreach (char digit in body) legal &= char.IsAsciiHexDigit(digit) && DigitOf(digit) < radix;
        if (!legal) throw Error(place, $"'{PythonValue.Shortened(new(written.ToString()))}' is no number");
        long whole = 0;
        foreach (char digit in body) {
            try {
                whole = checked(whole * radix + DigitOf(digit));
            } catch (OverflowException) {
                throw Error(place, $"the integer {PythonValue.Shortened(new(written.ToString()))} is too large");
            }
        }
        return new PythonToken(PythonTokenKind.Int, place, Int: whole);
    }

    /// <summary>The digits without the underscores between them, or nothing if one stands elsewhere.</summary>
    private static string Joined(ReadOnlySpan<char> written) {
        for (int i = 0; i < written.Length; i++) {
            bool between = i > 0 && i + 1 < written.Length && char.IsAsciiHexDigit(written[i + 1])
                && (char.IsAsciiHexDigit(written[i - 1]) || (i == 2 && char.IsAsciiLetter(written[1])));
            if (written[i] == '_' && !between) return "";
        }
        return written.ToString().Replace("_", "", StringComparison.Ordinal);
    }

    private bool IsExponent(int radix) => radix == 10 && text[Position - 1] is 'e' or 'E';

    private static int DigitOf(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : char.ToLowerInvariant(digit) - 'a' + 10;
}
