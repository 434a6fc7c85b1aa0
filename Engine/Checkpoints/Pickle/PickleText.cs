using System.Globalization;
using System.Text;

namespace DenseEngine;

/// <summary>The escapes in the text of protocols 0 and 1.</summary>
internal static class PickleText {
    /// <summary>Python's raw unicode escapes, as UTF-8: <c>\uXXXX</c> and <c>\UXXXXXXXX</c>; every other byte is a character.</summary>
    public static byte[] UnescapeUnicode(ReadOnlySpan<byte> line, PickleSource source) {
        var text = new StringBuilder(line.Length);
        for (int i = 0; i < line.Length; i++) {
            int digits = line[i] == '\\' && i + 1 < line.Length ? line[i + 1] switch { (byte)'u' => 4, (byte)'U' => 8, _ => 0 } : 0;
            if (digits == 0) {
                text.Append((char)line[i]);
                // A backslash that begins no escape stands for itself, and so does the one behind it.
                if (line[i] == '\\' && i + 1 < line.Length && line[i + 1] == '\\') text.Append((char)line[++i]);
                continue;
            }
            int code = line.Length - i >= 2 + digits ? Hex(line.Slice(i + 2, digits)) : -1;
            if (code < 0 || !Rune.IsValid(code)) throw source.Broken("a text has a broken escape");
            text.Append(new Rune(code).ToString());
            i += 1 + digits;
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>The bytes of Python's quoted string.</summary>
    public static byte[] UnescapeString(ReadOnlySpan<byte> line, PickleSource source) {
        if (line.Length < 2 || line[0] is not ((byte)'\'' or (byte)'"') || line[^1] != line[0])
            throw source.Broken("a string has no quotes");
        line = line[1..^1];
        var bytes = new List<byte>(line.Length);
        for (int i = 0; i < line.Length; i++) {
            if (line[i] != '\\') {
                bytes.Add(line[i]);
                continue;
            }
            if (++i == line.Length) throw source.Broken("a string has a broken escape");
            int known = "\\'\"abfnrtv"u8.IndexOf(line[i]);
            if (known >= 0) {
                bytes.Add("\\'\"\a\b\f\n\r\t\v"u8[known]);
            } else if (line[i] == 'x' && line.Length - i > 2 && Hex(line.Slice(i + 1, 2)) is >= 0 and int code) {
                bytes.Add((byte)code);
                i += 2;
            } else {
                throw source.Broken("a string has a broken escape");
            }
        }
        return [.. bytes];
    }

    private static int Hex(ReadOnlySpan<byte> digits) =>
        int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code) ? code : -1;
}
