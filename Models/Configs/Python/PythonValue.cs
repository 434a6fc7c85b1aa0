using System.Globalization;
using System.Text;

namespace DenseEngine.Models;

/// <summary>Where something stands in a text; both from 1.</summary>
/// <param name="Line">The line.</param>
/// <param name="Column">The character in it.</param>
internal readonly record struct TextPlace(int Line, int Column) {
    /// <summary>"line 3, column 14".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"line {Line}, column {Column}");
}

/// <summary>A value that a text in Python's notation gives: plain data, with its place.</summary>
/// <param name="Place">Where its expression begins.</param>
internal abstract record PythonValue(TextPlace Place) {
    private const int MostShown = 60;

    /// <summary>How many values lie inside one another, this one counted.</summary>
    public virtual int Depth => 1;

    /// <summary>"an integer", "text" and so on, for messages.</summary>
    public abstract string Kind { get; }

    /// <summary>The value in Python's notation on one line, cut where it gets long: for messages.</summary>
    public sealed override string ToString() {
        var text = new StringBuilder();
        Show(text);
        return Shortened(text);
    }

    /// <summary>Text on one line and no longer than messages bear.</summary>
    internal static string Shortened(StringBuilder text) {
        bool cut = text.Length > MostShown;
        if (cut) text.Length = MostShown;
        for (int i = 0; i < text.Length; i++)
            if (char.IsControl(text[i]) || char.IsSurrogate(text[i]) || text[i] is '\u2028' or '\u2029') text[i] = '?';
        return cut ? text.Append('…').ToString() : text.ToString();
    }

    internal void Show(StringBuilder text) {
        if (text.Length <= MostShown) Write(text);   // values may share parts: what is not shown is not walked
    }

    private protected abstract void Write(StringBuilder text);
}

/// <summary>None.</summary>
internal sealed record PythonNone(TextPlace Place) : PythonValue(Place) {
    public override string Kind => "None";

    private protected override void Write(StringBuilder text) => text.Append("None");
}

/// <summary>True or False.</summary>
internal sealed record PythonBool(TextPlace Place, bool Value) : PythonValue(Place) {
    public override string Kind => "a truth value";

    private protected override void Write(StringBuilder text) => text.Append(Value ? "True" : "False");
}

/// <summary>An integer. Python's have any size; larger ones than these are refused.</summary>
internal sealed record PythonInt(TextPlace Place, long Value) : PythonValue(Place) {
    public override string Kind => "an integer";

    private protected override void Write(StringBuilder text) => text.Append(CultureInfo.InvariantCulture, $"{Value}");
}

/// <summary>A number with a point or an exponent.</summary>
internal sealed record PythonFloat(TextPlace Place, double Value) : PythonValue(Place) {
    public override string Kind => "a number";

    private protected override void Write(StringBuilder text) {
        string shown = Value.ToString("R", CultureInfo.InvariantCulture);
        text.Append(shown);
        if (shown.All(digit => char.IsAsciiDigit(digit) || digit == '-')) text.Append(".0");
    }
}

/// <summary>A string.</summary>
internal sealed record PythonText(TextPlace Place, string Value) : PythonValue(Place) {
    public override string Kind => "text";

    private protected override void Write(StringBuilder text) => text.Append('\'').Append(Value).Append('\'');
}

/// <summary>A list or a tuple.</summary>
internal sealed record PythonList(TextPlace Place, IReadOnlyList<PythonValue> Items, bool IsTuple) : PythonValue(Place) {
    public override int Depth { get; } = DepthOf(Items);

    public override string Kind => IsTuple ? "a tuple" : "a list";

    private static int DepthOf(IReadOnlyList<PythonValue> items) {
        int deepest = 0;
        for (int i = 0; i < items.Count; i++) deepest = Math.Max(deepest, items[i].Depth);
        return deepest + 1;
    }

    private protected override void Write(StringBuilder text) {
        text.Append(IsTuple ? '(' : '[');
        for (int i = 0; i < Items.Count; i++) {
            if (i > 0) text.Append(", ");
            Items[i].Show(text);
        }
        text.Append(IsTuple ? Items.Count == 1 ? ",)" : ")" : "]");
    }
}

/// <summary>A key of a <see cref="PythonDict"/>: text, or an integer.</summary>
/// <param name="Text">The text, or the integer's digits.</param>
/// <param name="IsInt">Whether it is an integer.</param>
internal readonly record struct PythonKey(string Text, bool IsInt = false);

/// <summary>A key's value, and where the key stands.</summary>
internal readonly record struct PythonEntry(PythonKey Key, TextPlace Place, PythonValue Value);

/// <summary>A dict, its entries in the order in which Python keeps them.</summary>
internal sealed record PythonDict(TextPlace Place, PythonMapping Entries) : PythonValue(Place) {
    public override int Depth { get; } = DepthOf(Entries);

    public override string Kind => "a dict";

    private static int DepthOf(PythonMapping entries) {
        int deepest = 0;
        for (int i = 0; i < entries.Count; i++) deepest = Math.Max(deepest, entries[i].Value.Depth);
        return deepest + 1;
    }

    private protected override void Write(StringBuilder text) {
        text.Append("dict(");
        for (int i = 0; i < Entries.Count; i++) {
            if (i > 0) text.Append(", ");
            text.Append(Entries[i].Key.Text).Append('=');
            Entries[i].Value.Show(text);
        }
        text.Append(')');
    }
}
