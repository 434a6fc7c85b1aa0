using System.Globalization;
using System.Text;
using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Values in Python's notation; what is expected is what CPython 3 gives.</summary>
public class PythonConfigTests {
    [Theory]
    [InlineData("1", "1")]
    [InlineData("-1", "-1")]
    [InlineData("+-+2", "-2")]
    [InlineData("1_000_000", "1000000")]
    [InlineData("1_0.2_5e1_0", "102500000000.0")]
    [InlineData("0x_fF", "255")]
    [InlineData("0x1F", "31")]
    [InlineData("0o17", "15")]
    [InlineData("0b101", "5")]
    [InlineData("00", "0")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("1e-3", "0.001")]
    [InlineData("1.", "1.0")]
    [InlineData(".5", "0.5")]
    [InlineData("0.1111111111111111", "0.1111111111111111")]
    [InlineData("01.5e+2", "150.0")]
    [InlineData("1e999", "Infinity")]
    [InlineData("float('inf')", "Infinity")]
    [InlineData("float(\"-Infinity\")", "-Infinity")]
    [InlineData("float(' nan ')", "NaN")]
    [InlineData("float(3)", "3.0")]
    [InlineData("-inf", "-Infinity")]
    [InlineData("nan", "NaN")]
    [InlineData("8 * 2 + 1", "17")]
    [InlineData("2 + 3 * 4", "14")]
    [InlineData("(2 + 3) * 4", "20")]
    [InlineData("-2 ** 2", "-4")]
    [InlineData("2 ** 3 ** 2", "512")]
    [InlineData("2 ** -1", "0.5")]
    [InlineData("7 // -2", "-4")]
    [InlineData("-7 % 3", "2")]
    [InlineData("7 % -3", "-2")]
    [InlineData("1 / 8", "0.125")]
    [InlineData("0.01 / 8 * 2", "0.0025")]
    [InlineData("True", "True")]
    [InlineData("None", "None")]
    [InlineData("'a' \"b\" r'\\n'", "'ab\\n'")]
    [InlineData("'a' + 'b'", "'ab'")]
    [InlineData("u'x'", "'x'")]
    [InlineData("'\\x41\\u0042\\U00000043\\104\\'\\\\ \\q'", "'ABCD'\\ \\q'")]
    [InlineData("'''a'b'''", "'a'b'")]
    [InlineData("\"\"", "''")]
    [InlineData("[]", "[]")]
    [InlineData("[1, 'a', [2.0],]", "[1, 'a', [2.0]]")]
    [InlineData("()", "()")]
    [InlineData("(1)", "1")]
    [InlineData("(1,)", "(1,)")]
    [InlineData("(1, 2)", "(1, 2)")]
    [InlineData("dict()", "dict()")]
    [InlineData("dict(a=1, b=dict(c=[2]),)", "dict(a=1, b=dict(c=[2]))")]
    [InlineData("{'a': 1, 2: 'b', 'a': 3}", "dict(a=3, 2='b')")]
    [InlineData("{**dict(a=1, b=2), 'a': 5}", "dict(a=5, b=2)")]
    [InlineData("dict(c=0, **dict(a=1))", "dict(c=0, a=1)")]
    [InlineData("[1,\n  2, # two\n\t3]", "[1, 2, 3]")]
    [InlineData("1 + \\\n   2", "3")]
    public void Values_are_those_of_python(string expression, string expected) {
        PythonDict names = PythonConfig.Parse($"x = {expression}\n");
        Assert.Equal(expected, Assert.Single(names.Entries).Value.ToString());
    }

    [Fact]
    public void Assignments_names_and_comments_are_read() {
        PythonDict names = PythonConfig.Parse("\uFEFF# comment\r\n'''a string as a comment\r\n'''\r\n\r\nbase = dict(type='X', n=1)\r"
            + "a = b = [base, base]; c = dict(m=2, **base)\n   # indented comment\n   \nbase = 3\nlast = base");
        PythonEntry[] sorted = [.. names.Entries.OrderBy(entry => entry.Key.Text, StringComparer.Ordinal)];
        Assert.Equal(["a", "b", "base", "c", "last"], sorted.Select(entry => entry.Key.Text));
        Assert.Equal([ "[dict(type='X', n=1), dict(type='X', n=1)]", "[dict(type='X', n=1), dict(type='X', n=1)]",
            "3", "dict(m=2, type='X', n=1)", "3"], sorted.Select(entry => entry.Value.ToString()));
    }

    [Fact]
    public void Strings_keep_lines_and_characters() {
        PythonDict names = PythonConfig.Parse("a = '''x\r\ny\\\nz'''\nb = 'Ünï 日本 \U0001F600'\nc = r'C:\\data\\'x'\n");
        Assert.Equal("x\nyz", Assert.IsType<PythonText>(names.Entries[0].Value).Value);
        Assert.Equal("Ünï 日本 \U0001F600", Assert.IsType<PythonText>(names.Entries[1].Value).Value);
        Assert.Equal("C:\\data\\'x", Assert.IsType<PythonText>(names.Entries[2].Value).Value);
    }

    [Fact]
    public void Values_know_their_places() {
        var model = Assert.IsType<PythonDict>(
            PythonConfig.Parse("\nmodel = dict(\n    type='GFL',\n    a=[1,\n       -2 + 3])").Entries[0].Value);
        Assert.Equal(new TextPlace(2, 9), model.Place);
        Assert.Equal((new TextPlace(3, 5), new TextPlace(3, 10)), (model.Entries[0].Place, model.Entries[0].Value.Place));
        var list = Assert.IsType<PythonList>(model.Entries[1].Value);
        Assert.Equal((new TextPlace(4, 7), new TextPlace(4, 8), new TextPlace(5, 8)),
            (list.Place, list.Items[0].Place, list.Items[1].Place));
    }

    [Theory]
    [InlineData("import os", "line 1, column 1: 'import' is not read")]
    [InlineData("x = 1\nfrom a import b", "line 2, column 1: 'from' is not read")]
    [InlineData("_base_ = ['a.py']", "line 1, column 1: '_base_' names other files")]
    [InlineData("x = open('/etc/passwd')", "line 1, column 5: calls of 'open' are not read: nothing is executed")]
    [InlineData("x = dict(a=__import__('os'))", "line 1, column 12: calls of '__import__' are not read")]
    [InlineData("x = a.b", "line 1, column 5: the name 'a' is not assigned above")]
    [InlineData("a = 1\nx = a.real", "line 2, column 6: a value followed by '.' is not read")]
    [InlineData("a = [1]\nx = a[0]", "line 2, column 6: a value followed by '[' is not read")]
    [InlineData("x = dict(a=1)(2)", "line 1, column 14: a value followed by '(' is not read")]
    [InlineData("x = [i for i in y]", "line 1, column 6: the name 'i' is not assigned above")]
    [InlineData("x = [1 for i in y]", "line 1, column 8: 'for' where the end of the value is needed")]
    [InlineData("x = lambda: 0", "line 1, column 5: 'lambda' is not read here")]
    [InlineData("x = 1 if True else 2", "line 1, column 7: 'if' where the end of the value is needed")]
    [InlineData("x = not True", "line 1, column 5: 'not' is not read here")]
    [InlineData("x.y = 1", "line 1, column 2: 'x' followed by '.' is not read")]
    [InlineData("x['y'] = 1", "line 1, column 2: 'x' followed by '[' is not read")]
    [InlineData("x += 1", "line 1, column 3: 'x' followed by '+=' is not read")]
    [InlineData("x: int = 1", "line 1, column 2: 'x' followed by ':' is not read")]
    [InlineData("x, y = 1, 2", "line 1, column 2: 'x' followed by ',' is not read")]
    [InlineData("x = 1, 2", "line 1, column 6: a tuple without brackets is not read")]
    [InlineData("print(1)", "line 1, column 6: 'print' followed by '(' is not read")]
    [InlineData("x = 1 2", "line 1, column 7: a number where the end of the statement is needed")]
    [InlineData("x = {1, 2}", "line 1, column 5: sets are not read")]
    [InlineData("x = {1.5: 2}", "line 1, column 6: a key must be text or an integer, not a number")]
    [InlineData("x = dict(a=1, a=2)", "line 1, column 15: the key 'a' comes twice in dict()")]
    [InlineData("b = dict(a=1)\nx = dict(a=1, **b)", "line 2, column 15: the key 'a' comes twice in dict()")]
    [InlineData("x = dict({'a': 1})", "line 1, column 10: '{' where a key as in dict(key=value) is needed")]
    [InlineData("x = dict(**[1])", "line 1, column 12: '**' needs a dict, not a list")]
    [InlineData("x = dict(**{1: 2})", "line 1, column 10: dict() cannot take the key 1")]
    [InlineData("x = [1", "line 1, column 7: the end of the text where ']' or ',' is needed")]
    [InlineData("x = [1)", "line 1, column 7: ')' where ']' or ',' is needed")]
    [InlineData("x = ", "line 1, column 5: the end of the text where a value is needed")]
    [InlineData("x", "line 1, column 2: 'x' followed by the end of the text is not read")]
    [InlineData("1 = 2", "line 1, column 1: a number where an assignment to a name is needed")]
    [InlineData("  x = 1", "line 1, column 3: an indented line")]
    [InlineData("x = 'abc\n'", "line 1, column 5: a string that does not end on its line")]
    [InlineData("x = '''abc\n", "line 1, column 5: a string that does not end")]
    [InlineData("x = 'abc\\", "line 1, column 5: a string that does not end")]
    [InlineData("x = b'abc'", "line 1, column 5: bytes are not read")]
    [InlineData("x = f'{y}'", "line 1, column 5: formatted strings are not read")]
    [InlineData("x = ur'a'", "line 1, column 5: a string cannot begin with 'ur'")]
    [InlineData("x = '\\xZZ'", "line 1, column 6: an escape needs 2 hexadecimal digits")]
    [InlineData("x = '\\U00110000'", "line 1, column 6: an escape needs 8 hexadecimal digits")]
    [InlineData("x = '\\N{BULLET}'", "line 1, column 6: characters by their names (\\N) are not read")]
    [InlineData("x = 012", "line 1, column 5: '012' is no number")]
    [InlineData("x = 1__0", "line 1, column 5: '1__0' is no number")]
    [InlineData("x = 1_", "line 1, column 5: '1_' is no number")]
    [InlineData("x = 1_.0", "line 1, column 5: '1_.0' is no number")]
    [InlineData("x = 0b12", "line 1, column 5: '0b12' is no number")]
    [InlineData("x = 0x1.8", "line 1, column 5: '0x1.8' is no number")]
    [InlineData("x = 1e", "line 1, column 5: '1e' is no number")]
    [InlineData("x = 1abc", "line 1, column 5: '1abc' is no number")]
    [InlineData("x = 0x", "line 1, column 5: '0x' is no number")]
    [InlineData("x = 1.2.3", "line 1, column 5: '1.2.3' is no number")]
    [InlineData("x = 3j", "line 1, column 5: '3j' is no number")]
    [InlineData("x = 9223372036854775808", "line 1, column 5: the integer 9223372036854775808 is too large")]
    [InlineData("x = 4611686018427387904 * 2", "line 1, column 25: the result of 4611686018427387904 * 2 is too large")]
    [InlineData("x = 9 ** 99999999999", "line 1, column 7: the result of 9 ** 99999999999 is too large")]
    [InlineData("x = 0 ** -1", "line 1, column 7: 0 ** -1 has no value")]
    [InlineData("x = 1 // 0", "line 1, column 7: a division by 0")]
    [InlineData("x = 'a' * 1000000000", "line 1, column 9: '*' is read between numbers only, not text and an integer")]
    [InlineData("x = [0] * 1000000000", "line 1, column 9: '*' is read between numbers only, not a list and an integer")]
    [InlineData("x = -'a'", "line 1, column 5: a sign is read before numbers only, not before text")]
    [InlineData("x = float('abc')", "line 1, column 11: float() cannot read 'abc'")]
    [InlineData("x = 1 @ 2", "line 1, column 7: '@' where the end of the value is needed")]
    [InlineData("x = ?", "line 1, column 5: the character U+003F cannot stand here")]
    [InlineData("x = \0", "line 1, column 5: the character U+0000 cannot stand here")]
    [InlineData("x = \u00A01", "line 1, column 5: the character U+00A0 cannot stand here")]
    public void What_is_not_plain_data_is_refused_with_its_place(string text, string expected) {
        string message = Assert.Throws<ConfigException>(() => PythonConfig.Parse(text)).Message;
        Assert.StartsWith(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.True(message.Length < 250, message);
    }

    /// <summary>Texts of megabytes; each must be refused, within bounds of time and memory.</summary>
    public static TheoryData<string> Hostile => [.. HostileTexts.Keys];

    private static readonly Dictionary<string, (Func<string> Text, string Message)> HostileTexts = new() {
        ["brackets"] = (() => "x = " + new string('[', 1_000_000), "more than 64 values inside one another"),
        ["parentheses"] = (() => "x = " + new string('(', 1_000_000), "more than 64 values inside one another"),
        ["dicts"] = (() => "x = " + Repeat("dict(a=", 200_000), "more than 64 values inside one another"),
        ["powers"] = (() => "x = " + Repeat("2**", 500_000) + "2", "more than 64 values inside one another"),
        ["signs"] = (() => "x = " + new string('-', 1_900_000), "where a value is needed"),
        ["continued lines"] = (() => "x = " + Repeat("\\\n", 900_000), "where a value is needed"),
        ["depth by names"] = (() => "x = 1\n" + Repeat("x = [x]\n", 1_000), "more than 64 values inside one another"),
        ["breadth by names"] = (() => "x = dict(a=1)\n" + Repeat("x = [x, x, x, x, x, x, x, x, x, x]\n", 63), "more than 64 values"),
        ["copies"] = (
            () => $"x = dict({string.Concat(Enumerable.Range(0, 5_000).Select(i => $"a{i}=1,"))})\n" + Repeat("y = dict(**x)\n", 1_000),
            "more than 75000 values and keys"),
        ["sums of strings"] = (() => "x = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'\n" + Repeat("x = x + x\n", 60),
            "joined strings of more than"),
        ["many values"] = (() => "x = [" + Repeat("1,", 900_000), "more than 75000 values and keys"),
        ["many names"] = (() => string.Concat(Enumerable.Range(0, 150_000).Select(i => $"a{i}=1\n")), "more than 75000 values and keys"),
        ["many empty dicts"] = (() => "x = [" + Repeat("{},", 600_000), "more than 75000 values and keys"),
        ["a long string"] = (() => "x = '" + new string('a', 1_900_000), "a string that does not end"),
        ["a long name"] = (() => new string('a', 1_900_000) + " = 1", "a name of more than 200 characters"),
        ["a long number"] = (() => "x = " + new string('9', 1_900_000), "a number of more than 400 characters"),
        ["ten megabytes"] = (() => new string('\n', 10_000_000), "has 10000000 characters; at most 2000000 are read"),
        ["a long unknown name"] = (() => "x = " + new string('a', 199), "aaaa…' is not assigned above"),
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Hostile_texts_are_refused_within_bounds(string name) {
        string text = HostileTexts[name].Text();
        Assert.Throws<ConfigException>(() => PythonConfig.Parse("x = ["));   // what the first call loads does not count
        long before = GC.GetAllocatedBytesForCurrentThread();
        string message = Assert.Throws<ConfigException>(() => PythonConfig.Parse(text)).Message;
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Contains(HostileTexts[name].Message, message, StringComparison.Ordinal);
        Assert.True(message.Length < 250, message);
        Assert.True(allocated < 15_000_000, string.Create(CultureInfo.InvariantCulture, $"{allocated} bytes"));
    }

    [Fact]
    public void A_large_text_that_is_legal_is_read_within_bounds() {
        string text = "x = dict(" + string.Concat(Enumerable.Range(0, 37_000).Select(i => $"a{i}='b\\n',")) + ")";
        long before = GC.GetAllocatedBytesForCurrentThread();
        var dict = Assert.IsType<PythonDict>(PythonConfig.Parse(text).Entries[0].Value);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(37_000, dict.Entries.Count);
        Assert.True(allocated < 16_000_000, string.Create(CultureInfo.InvariantCulture, $"{allocated} bytes"));
        Assert.StartsWith("dict(a0='b?', a1='b?'", dict.ToString(), StringComparison.Ordinal);
    }

    private static string Repeat(string part, int times) => new StringBuilder().Insert(0, part, times).ToString();
}
