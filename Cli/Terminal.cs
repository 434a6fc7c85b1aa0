using Spectre.Console;

namespace DenseEngine.Cli;

/// <summary>What the command says: results on standard output, all else on standard error.</summary>
internal static class Terminal {
    private static readonly IAnsiConsole Errors =
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <summary>A line of result.</summary>
    public static void Line(string text) => Console.Out.WriteLine(text);

    /// <summary>A remark by the way.</summary>
    public static void Note(string text) => Console.Error.WriteLine(text);

    /// <summary>A table of results.</summary>
    public static void Table(IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows) {
        var table = new Table().Border(TableBorder.Simple);
        foreach (string column in head) table.AddColumn(new TableColumn(Markup.Escape(column)).NoWrap());
        foreach (IReadOnlyList<string> row in rows) table.AddRow([.. row.Select(Markup.Escape)]);
        AnsiConsole.Write(table);
    }

    /// <summary>Runs work under a progress bar (a plain line now and then where the output is no terminal).</summary>
    public static void Progress(string name, Action<Action<double, string>> work) {
        if (!Errors.Profile.Out.IsTerminal) {
            int lastTenth = -1;
            work((share, text) => {
                int tenth = (int)(share * 10);
                if (tenth == lastTenth) return;
                lastTenth = tenth;
                Note($"{name} {share,4:0%} {text}");
            });
            return;
        }
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

    /// <summary>One line about what was wrong, and exit code 2.</summary>
    public static int Refuse(string message) {
        Console.Error.WriteLine($"dense: {message.ReplaceLineEndings(" ")}");
        return 2;
    }
}
