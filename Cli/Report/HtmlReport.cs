using System.Globalization;
using System.Net;
using System.Text;

namespace DenseEngine.Cli;

/// <summary>Writes one HTML file that needs no other: text, tables, charts and pictures are in it.</summary>
internal sealed class HtmlReport(string title) {
    private const string Style = """
        body{font:15px/1.5 system-ui,sans-serif;max-width:1180px;margin:2em auto;padding:0 1em;color:#1f2328}
        h1{font-size:1.6em;margin-bottom:0}h2{font-size:1.15em;margin-top:2em}
        .charts,.pictures{display:flex;flex-wrap:wrap;gap:16px}.charts figure{flex:1 1 480px;margin:0}
        .pictures figure{margin:0;width:320px}.pictures img{width:320px;image-rendering:pixelated;border:1px solid #d1d9e0}
        figcaption{font-size:.85em;color:#59636e}svg{width:100%}svg text{font-size:11px;fill:#59636e}.grid{stroke:#d1d9e0;stroke-width:.7}
        table{border-collapse:collapse}td,th{padding:2px 14px 2px 0;text-align:right}td:first-child,th:first-child{text-align:left}
        """;

    private readonly StringBuilder body = new();

    /// <summary>A heading.</summary>
    public HtmlReport Heading(string text) => Add($"<h2>{Encode(text)}</h2>");

    /// <summary>A paragraph.</summary>
    public HtmlReport Paragraph(string text) => Add($"<p>{Encode(text)}</p>");

    /// <summary>A table: the first row is its head.</summary>
    public HtmlReport Table(IReadOnlyList<IReadOnlyList<string>> rows) {
        body.Append("<table>");
        for (int i = 0; i < rows.Count; i++) {
            string cell = i == 0 ? "th" : "td";
            body.Append("<tr>").AppendJoin("", rows[i].Select(text => $"<{cell}>{Encode(text)}</{cell}>")).Append("</tr>");
        }
        return Add("</table>");
    }

    /// <summary>Charts side by side, each with its caption.</summary>
    public HtmlReport Charts(params IEnumerable<(string Caption, string Svg)> charts) {
        body.Append("<div class=\"charts\">");
        foreach ((string caption, string svg) in charts) body.Append($"<figure>{svg}<figcaption>{Encode(caption)}</figcaption></figure>");
        return Add("</div>");
    }

    /// <summary>PNG pictures side by side, each with its caption.</summary>
    public HtmlReport Pictures(IEnumerable<(string Caption, byte[] Png)> pictures) {
        body.Append("<div class=\"pictures\">");
        foreach ((string caption, byte[] png) in pictures)
            body.Append(CultureInfo.InvariantCulture, $"<figure><img alt=\"{Encode(caption)}\" "
                + $"src=\"data:image/png;base64,{Convert.ToBase64String(png)}\"><figcaption>{Encode(caption)}</figcaption></figure>");
        return Add("</div>");
    }

    /// <summary>Writes the file.</summary>
    public void Save(string path) => File.WriteAllText(path,
        $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
            + $"<title>{Encode(title)}</title><style>{Style}</style><h1>{Encode(title)}</h1>{body}</html>\n");

    private HtmlReport Add(string html) {
        body.Append(html).Append('\n');
        return this;
    }

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
