namespace DenseEngine.Models;

/// <summary>Kinds of <see cref="PythonToken"/>.</summary>
internal enum PythonTokenKind {
    /// <summary>The end of the text.</summary>
    End,

    /// <summary>The end of a statement: a line's end outside brackets, or a semicolon.</summary>
    NewLine,

    /// <summary>A name or one of Python's words.</summary>
    Name,

    /// <summary>An integer.</summary>
    Int,

    /// <summary>A number with a point or an exponent.</summary>
    Float,

    /// <summary>A string, its escapes resolved.</summary>
    Text,

    /// <summary>An operator or a bracket.</summary>
    Sign,
}

/// <summary>A word of the text.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Place">Where it begins.</param>
/// <param name="Text">A name, a sign, or a string's content.</param>
/// <param name="Int">An integer's value.</param>
/// <param name="Float">A number's value.</param>
internal readonly record struct PythonToken(PythonTokenKind Kind, TextPlace Place, string Text = "", long Int = 0, double Float = 0) {
    /// <summary>Whether it is this sign.</summary>
    public bool Is(string sign) => Kind == PythonTokenKind.Sign && Text == sign;

    /// <summary>The word for messages.</summary>
    public string Shown => Kind switch {
        PythonTokenKind.End => "the end of the text",
        PythonTokenKind.NewLine => "the end of the line",
        PythonTokenKind.Int or PythonTokenKind.Float => "a number",
        PythonTokenKind.Text => "a string",
        _ => $"'{PythonValue.Shortened(new(Text))}'",
    };
}
