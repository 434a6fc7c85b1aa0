namespace DenseEngine.Models;

/// <summary>How the side lengths of a training picture are chosen.</summary>
public enum ScaleMode {
    /// <summary>One of the listed scales, each as likely.</summary>
    Value,

    /// <summary>Both lengths uniformly between the smallest and the largest listed.</summary>
    Range,
}
