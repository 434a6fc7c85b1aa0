using System.Globalization;

namespace DenseEngine.Models;

/// <summary>Python's arithmetic on numbers that fit 64 bits; what does not is refused, as are all other values.</summary>
internal static class PythonArithmetic {
    /// <summary>The value of a binary operation.</summary>
    /// <exception cref="ConfigException">The operands are no numbers, or there is no such value.</exception>
    public static PythonValue Apply(PythonToken sign, PythonValue left, PythonValue right) {
        if (left is PythonInt a && right is PythonInt b && !(sign.Text == "**" && b.Value < 0) && sign.Text != "/") {
            if (b.Value == 0 && sign.Text is "//" or "%") throw PythonLexer.Error(sign.Place, "a division by 0");
            try {
                return new PythonInt(left.Place, Whole(sign.Text, a.Value, b.Value));
            } catch (OverflowException) {
                throw PythonLexer.Error(sign.Place, $"the result of {left} {sign.Text} {right} is too large");
            }
        }
        if (Number(left) is not { } x || Number(right) is not { } y)
            throw PythonLexer.Error(sign.Place, $"'{sign.Text}' is read between numbers only, not {left.Kind} and {right.Kind}");
        if (y == 0 && sign.Text is "/" or "//" or "%") throw PythonLexer.Error(sign.Place, "a division by 0");
        double value = sign.Text switch {
            "+" => x + y,
            "-" => x - y,
            "*" => x * y,
            "/" => x / y,
            "**" => Math.Pow(x, y),
            _ => throw PythonLexer.Error(sign.Place, $"'{sign.Text}' is read between integers only"),
        };
        if (sign.Text == "**" && !double.IsFinite(value) && double.IsFinite(x) && double.IsFinite(y))
            throw PythonLexer.Error(sign.Place, $"{left} ** {right} has no value");
        return new PythonFloat(left.Place, value);
    }

    /// <summary>+a or -a.</summary>
    public static PythonValue Signed(TextPlace place, PythonValue value, bool negative) => value switch {
        PythonInt number when negative && number.Value == long.MinValue => throw PythonLexer.Error(place, "an integer that is too large"),
        PythonInt number => new PythonInt(place, negative ? -number.Value : number.Value),
        PythonFloat number => new PythonFloat(place, negative ? -number.Value : number.Value),
        _ => throw PythonLexer.Error(place, $"a sign is read before numbers only, not before {value.Kind}"),
    };

    /// <summary>What Python's <c>float</c> makes of a text, or null.</summary>
    public static double? Float(string text) {
        string bare = text.Trim().ToLowerInvariant();
        bool negative = bare.StartsWith('-');
        switch (bare.TrimStart('+', '-')) {
            case "inf" or "infinity" when bare.Length <= "-infinity".Length:
                return negative ? double.NegativeInfinity : double.PositiveInfinity;
            case "nan" when bare.Length <= "-nan".Length: return double.NaN;
        }
        return double.TryParse(bare, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture, out double value) && bare.Any(char.IsAsciiDigit) ? value : null;
    }

    private static double? Number(PythonValue value) => value switch {
        PythonInt number => number.Value,
        PythonFloat number => number.Value,
        _ => null,
    };

    private static long Whole(string sign, long a, long b) => sign switch {
        "+" => checked(a + b),
        "-" => checked(a - b),
        "*" => checked(a * b),
        "//" => checked(a / b) - (a % b != 0 && a < 0 != b < 0 ? 1 : 0),
        "%" => b == -1 ? 0 : a % b + (a % b != 0 && a < 0 != b < 0 ? b : 0),
        _ => Power(a, b),
    };

    private static long Power(long a, long b) {
        if (a is 0 or 1 or -1) return b == 0 ? 1 : a == -1 && b % 2 == 0 ? 1 : a;
        long result = 1;
        for (long i = 0; i < b; i++) result = checked(result * a);   // at most 63 times: |a| is at least 2
        return result;
    }
}
