namespace DenseEngine.Ops;

/// <summary>The measures of how two boxes A and B overlap. C is the smallest box around both, c its diagonal,
/// ρ the distance of the centres.</summary>
public enum IouKind {
    /// <summary>|A ∩ B| / |A ∪ B|.</summary>
    Iou,

    /// <summary>IoU - (|C| - |A ∪ B|) / |C| (Rezatofighi et al., 2019, algorithm 1).</summary>
    Giou,

    /// <summary>IoU - ρ²/c² (Zheng et al., 2020, equation 7).</summary>
    Diou,

    /// <summary>DIoU - αv, v = 4/π² (atan(w_B/h_B) - atan(w_A/h_A))² (Zheng et al., 2020, equations 8 to 11).</summary>
    Ciou,
}
