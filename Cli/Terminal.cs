using System.Globalization;
using Spectre.Console;

namespace DenseEngine.Cli;

/// <summary>What the command says: results on standard output, all else on standard error.</summary>
internal static class Terminal {
    private static readonly IAnsiConsole Errors =
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    private const int WideEnough = 100_000;

    /// <summary>While a bar is shown: what is to be said below it.</summary>
    private static List<string>? waiting;

    /// <summary>A line of result.</summary>
    public static void Line(string text) => Console.Out.WriteLine(text);

    /// <summary>A remark by the way.</summary>
    public static void Note(string text) => Console.Error.WriteLine(text);

    /// <summary>A table of results; cut to the window on a terminal, never cut in a file or pipe.</summary>
    public static void Table(IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows) {
        if (!AnsiConsole.Profile.Out.IsTerminal) AnsiConsole.Profile.Width = WideEnough;
        var table = new Table().Border(TableBorder.Simple);
        foreach (string column in head) table.AddColumn(new TableColumn(Markup.Escape(column)).NoWrap());
        foreach (IReadOnlyList<string> row in rows) table.AddRow([.. row.Select(cell => Markup.Escape(Printable(cell)))]);
        AnsiConsole.Write(table);
    }

    /// <summary>A table of figures, tight enough for 80 columns: the first column is a name, the last a word, all between are aligned to
    /// the right.</summary>
    public static void Figures(IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows) {
        IReadOnlyList<string>[] all = [head, .. rows];
        int[] widths = [.. head.Select((_, column) => all.Max(row => row[column].Length))];
        foreach (IReadOnlyList<string> row in all)
            Line(string.Join(' ', row.Select((cell, column) => Printable(column == 0 || column == head.Count - 1
                ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column])))).TrimEnd());
    }

    /// <summary>Runs work under a progress bar; refusals meanwhile are shown after it.</summary>
    /// <param name="name">What is done.</param>
    /// <param name="work">Does it, and calls back with the share that is done and a remark.</param>
    /// <param name="onlyOnTerminals">Whether nothing is said where the output is no terminal; else a plain line now and then.</param>
    public static void Progress(string name, Action<Action<double, string>> work, bool onlyOnTerminals = false) {
        if (!Errors.Profile.Out.IsTerminal) {
            int lastTenth = onlyOnTerminals ? int.MaxValue : -1;
            work((share, text) => {
                int tenth = (int)(share * 10);
                if (tenth <= lastTenth) return;
                lastTenth = tenth;
                Note($"{name} {share,4:0%} {text}");
            });
            return;
        }
        waiting = [];
        try {
            Bar(name, work);
        } finally {
            List<string> refused = waiting;
            waiting = null;
            foreach (string message in refused) Refuse(message);
        }
    }

    /// <summary>One line about what was wrong, and exit code 2.</summary>
    public static int Refuse(string message) {
        if (waiting is { } later) later.Add(message);
        else Console.Error.WriteLine($"dense: {Printable(message.ReplaceLineEndings(" "))}");
        return 2;
    }

    /// <summary>Text out of strangers' files without what would steer a terminal: controls and marks that change the direction.</summary>
    public static string Printable(string text) => string.Concat(text.Select(character => character != '\n'
        && (char.IsControl(character) || char.GetUnicodeCategory(character) == UnicodeCategory.Format) ? '\uFFFD' : character));

    private static void Bar(string name, Action<Action<double, string>> work) =>
        Errors.Progress().AutoClear(false).Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(),
            new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => {
                ProgressTask task = context.AddTask(Markup.Escape(name), maxValue: 1);
                work((share, text) => {
                    task.Value = share;
                    task.Description = Markup.Escape($"{name} {text}");
                });
                task.Value = 1;
            });
}
