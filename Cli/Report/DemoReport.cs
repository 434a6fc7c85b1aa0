using DenseEngine.Training;

namespace DenseEngine.Cli;

/// <summary>The demonstration's report: figures, curves of the losses and of precision over recall, pictures.</summary>
internal static class DemoReport {
    private const int Smoothing = 25;   // steps that a point of a loss curve is the mean of

    /// <summary>Writes the file.</summary>
    public static void Write(string path, string summary, IReadOnlyList<StepReport> steps, CocoEvaluation evaluation,
        IEnumerable<(string Caption, byte[] Png)> pictures) {
        CocoFigures figures = evaluation.Figures();
        new HtmlReport("DenseEngine: shapes found by a small GFL")
            .Paragraph(summary)
            .Heading("Figures")
            .Table([
                ["class", "AP", "AP50", "AP75"],
                ["all", EvalCommand.Text(figures.Ap), EvalCommand.Text(figures.Ap50), EvalCommand.Text(figures.Ap75)],
                .. evaluation.Categories.Select((category, k) => (string[])[category.Name, EvalCommand.Text(evaluation.ClassAp(k)),
                    EvalCommand.Text(evaluation.ClassAp(k, 0)), EvalCommand.Text(evaluation.ClassAp(k, 5))]),
            ])
            .Heading("Curves")
            .Charts([
                ($"Losses, means of {Smoothing} steps", LineChart.Svg("step", Losses(steps))),
                ("Learning rate",
                    LineChart.Svg("step", [new Curve("lr", [.. steps.Select(step => ((double)step.Step, (double)step.LearningRate))])])),
                ("Precision over recall at IoU 0.50", LineChart.Svg("recall", Precision(evaluation, 0), 1)),
                ("Precision over recall at IoU 0.75", LineChart.Svg("recall", Precision(evaluation, 5), 1)),
            ])
            .Heading("Pictures that training never saw")
            .Pictures(pictures)
            .Save(path);
    }

    private static Curve[] Losses(IReadOnlyList<StepReport> steps) {
        StepReport[][] groups = [.. steps.Chunk(Smoothing)];
        IEnumerable<(string Name, Func<StepReport, double> Value)> terms = [
            ("total", step => step.Total),
            .. steps[0].Losses.Select((loss, i) => (loss.Name, (Func<StepReport, double>)(step => step.Losses[i].Value))),
        ];
        return [.. terms.Select(term =>
            new Curve(term.Name, [.. groups.Select(group => ((double)group[^1].Step, group.Average(term.Value)))]))];
    }

    private static Curve[] Precision(CocoEvaluation evaluation, int threshold) => [.. evaluation.Categories
        .Select((category, k) => (category.Name, Values: evaluation.Curve(k, threshold)))
        .Where(curve => curve.Values[0] >= 0)
        .Select(curve => new Curve(curve.Name, [.. curve.Values.Select((value, recall) => (recall / 100.0, value))]))];
}
