namespace DenseEngine.Ops;

internal static partial class Elementary {
    private const float A0 = 8.05374449538e-2f, A1 = -1.38776856032e-1f, A2 = 1.99777106478e-1f, A3 = -3.33329491539e-1f;
    private const float HalfPi = 1.57079633f, QuarterPi = 0.785398163f;
    private const float TanOf3PiBy8 = 2.41421356f, TanOfPiBy8 = 0.414213562f;

    /// <summary>The inverse tangent: |x| is brought below tan π/8 by atan x = π/2 - atan 1/x and atan x = π/4 + atan (x - 1)/(x +
    /// 1).</summary>
    public static float Atan(float x) {
        float size = x < 0 ? -x : x, start = 0, r = size;
        if (size > TanOf3PiBy8) (start, r) = (HalfPi, -1 / size);
        else if (size > TanOfPiBy8) (start, r) = (QuarterPi, (size - 1) / (size + 1));
        float z = r * r;
        float y = start + ((((A0 * z + A1) * z + A2) * z + A3) * z * r + r);
        return x < 0 ? -y : float.IsNaN(x) ? x : y;
    }
}
