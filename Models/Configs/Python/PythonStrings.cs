using System.Globalization;
using System.Text;

namespace DenseEngine.Models;

/// <summary>The strings of a text in Python's notation: all quotes, raw and plain, and their escapes.</summary>
internal sealed class PythonStrings(PythonLexer lexer, string text) {
    private readonly StringBuilder content = new();

    /// <summary>How many letters stand before a quote here: r, u, b, f and pairs of them; 0 if no quote follows.</summary>
    public int PrefixLength() {
        int length = 0;
        while (length < 2 && "rRuUbBfF".Contains(At(length), StringComparison.Ordinal)) length++;
        return At(length) is '\'' or '"' ? length : 0;
    }

    /// <summary>Reads the string at the lexer's position.</summary>
    /// <exception cref="ConfigException">It does not end, or is of a kind that is not read.</exception>
    public string Read() {
        TextPlace place = lexer.Place;
        string prefix = text.Substring(lexer.Position, PrefixLength()).ToLowerInvariant();
        if (prefix.Contains('b', StringComparison.Ordinal)) throw PythonLexer.Error(place, "bytes are not read, only text");
        if (prefix.Contains('f', StringComparison.Ordinal)) throw PythonLexer.Error(place, "formatted strings are not read");
        if (prefix is not ("" or "r" or "u")) throw PythonLexer.Error(place, $"a string cannot begin with '{prefix}'");
        lexer.Position += prefix.Length;
        char quote = At(0);
        bool triple = At(1) == quote && At(2) == quote;
        lexer.Position += triple ? 3 : 1;
        content.Clear();
        int start = lexer.Position;   // of what has not been copied yet
        while (true) {
            if (lexer.Position >= text.Length) throw PythonLexer.Error(place, "a string that does not end");
            char c = text[lexer.Position];
            if (c == quote && (!triple || (At(1) == quote && At(2) == quote))) break;
            if (c is '\n' or '\r') {
                if (!triple) throw PythonLexer.Error(place, "a string that does not end on its line");
                content.Append(text, start, lexer.Position - start).Append('\n');
                lexer.SkipLineEnd();
                start = lexer.Position;
            } else if (c == '\\') {
                content.Append(text, start, lexer.Position - start);
                Escape(raw: prefix == "r", place);
                start = lexer.Position;
            } else {
                lexer.RefuseZero();
                lexer.Position++;
            }
        }
        string result = content.Length == 0 ? text[start..lexer.Position] : content.Append(text, start, lexer.Position - start).ToString();
        lexer.Position += triple ? 3 : 1;
        return result;
    }

    private char At(int by) => lexer.Position + by < text.Length ? text[lexer.Position + by] : '\0';

    /// <summary>One escape. A raw string keeps it as it is, and Python keeps an unknown one.</summary>
    private void Escape(bool raw, TextPlace start) {
        TextPlace place = lexer.Place;
        lexer.Position++;
        if (lexer.Position >= text.Length) throw PythonLexer.Error(start, "a string that does not end");
        char c = text[lexer.Position];
        lexer.RefuseZero();
        if (c is '\n' or '\r') {
            if (raw) content.Append("\\\n");
            lexer.SkipLineEnd();
            return;
        }
        lexer.Position++;
        if (raw) {
            content.Append('\\').Append(c);
            return;
        }
        switch (c) {
            case '\\' or '\'' or '"': content.Append(c); break;
            case 'n': content.Append('\n'); break;
            case 'r': content.Append('\r'); break;
            case 't': content.Append('\t'); break;
            case 'a': content.Append('\a'); break;
            case 'b': content.Append('\b'); break;
            case 'f': content.Append('\f'); break;
            case 'v': content.Append('\v'); break;
            case 'x': Code(2, place); break;
            case 'u': Code(4, place); break;
            case 'U': Code(8, place); break;
            case 'N': throw PythonLexer.Error(place, "characters by their names (\\N) are not read");
            case >= '0' and <= '7': Octal(c); break;
            default: content.Append('\\').Append(c); break;
        }
    }

    private void Octal(char first) {
        int code = first - '0';
        for (int i = 0; i < 2 && At(0) is >= '0' and <= '7'; i++) code = code * 8 + (text[lexer.Position++] - '0');
        content.Append((char)code);
    }

    private void Code(int digits, TextPlace place) {
        ReadOnlySpan<char> written = text.AsSpan(lexer.Position, Math.Min(digits, text.Length - lexer.Position));
        if (written.Length < digits || !uint.TryParse(written, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code)
            || code > 0x10FFFF)
            throw PythonLexer.Error(place, $"an escape needs {digits} hexadecimal digits of a character");
        lexer.Position += digits;
        if (code < 0x10000) content.Append((char)code);
        else content.Append(char.ConvertFromUtf32((int)code));
    }
}
