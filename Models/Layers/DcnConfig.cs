namespace DenseEngine.Models;

/// <summary>Which deformable convolution stands in a convolution's place (mmdetection's <c>dcn</c> and <c>conv_cfg</c>).</summary>
/// <param name="Modulated">Whether samples are weighed too (<c>DCNv2</c>), not only moved (<c>DCN</c>).</param>
/// <param name="DeformGroups">Groups of input channels that move together.</param>
public sealed record DcnConfig(bool Modulated = false, int DeformGroups = 1);
