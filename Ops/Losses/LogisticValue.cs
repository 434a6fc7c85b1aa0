namespace DenseEngine.Ops;

/// <summary>The values of <see cref="Logistic"/> for one logit, for kernels.</summary>
internal readonly struct LogisticValue {
    /// <summary>1 / (1 + e⁻ˣ).</summary>
    public readonly float Yes;

    /// <summary>1 / (1 + eˣ).</summary>
    public readonly float No;

    /// <summary>-ln Yes = ln(1 + e⁻ˣ).</summary>
    public readonly float CostOfYes;

    /// <summary>-ln No = ln(1 + eˣ).</summary>
    public readonly float CostOfNo;

    /// <summary>The values at x.</summary>
    public LogisticValue(float x) {
        float below = x < 0 ? x : -x, e = Elementary.Exp(below), near = 1 / (1 + e), far = e * near, log = Elementary.Log1pOfUnit(e);
        Yes = x < 0 ? far : near;
        No = x < 0 ? near : far;
        CostOfYes = x < 0 ? log - below : log;
        CostOfNo = x < 0 ? log : log - below;
    }
}
