namespace DenseEngine.Ops;

/// <summary>How well a prediction fits an object, for assigners that weigh predictions (Chen et al., 2021, equation 4).</summary>
public static class PredictionFit {
    /// <summary>p^(1 - alpha) · iou^alpha.</summary>
    /// <param name="logit">That of the object's class; p is its logistic function.</param>
    /// <param name="iou">Of the predicted box and the object's.</param>
    /// <param name="alpha">From 0 to 1: how much the box counts.</param>
    public static float Of(float logit, float iou, float alpha) =>
        Elementary.Pow(Elementary.Sigmoid(logit), 1 - alpha) * Elementary.Pow(iou, alpha);
}
