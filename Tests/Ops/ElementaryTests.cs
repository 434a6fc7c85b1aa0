using System.Runtime.Intrinsics;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

public class ElementaryTests {
    private delegate Vector512<float> Lanes(Vector512<float> x);

    private static readonly Dictionary<string, (Func<float, float> Scalar, Lanes Vector, Func<double, double> Truth)> Functions = new() {
        ["exp"] = (Elementary.Exp, Elementary.Exp, Math.Exp),
        ["expm1"] = (Elementary.Expm1, Elementary.Expm1, Expm1),
        ["log"] = (Elementary.Log, Elementary.Log, Math.Log),
        ["log1p"] = (Elementary.Log1p, Elementary.Log1p, Log1p),
        ["log1p of unit"] = (x => Elementary.Log1pOfUnit(Unit(x)), x => Elementary.Log1pOfUnit(Vector512.Create([.. Enumerable.Range(0, 16)
            .Select(i => Unit(x[i]))])), x => Log1p(Unit((float)x))),
        ["tanh"] = (Elementary.Tanh, Elementary.Tanh, Math.Tanh),
        ["sigmoid"] = (Elementary.Sigmoid, Elementary.Sigmoid, x => 1 / (1 + Math.Exp(-x))),
        ["softplus"] = (Elementary.Softplus, Elementary.Softplus, x => Math.Max(x, 0) + Log1p(Math.Exp(-Math.Abs(x)))),
    };

    public static TheoryData<string> Names => [.. Functions.Keys];

    // Double has no log1p or expm1 that can be trusted (.NET's give 0 for 1e-10): series where it matters.
    private static double Log1p(double x) => Math.Abs(x) > 1e-4 ? Math.Log(1 + x) : x - x * x / 2 + x * x * x / 3 - x * x * x * x / 4;
    private static double Expm1(double x) => Math.Abs(x) > 1e-4 ? Math.Exp(x) - 1 : x + x * x / 2 + x * x * x / 6 + x * x * x * x / 24;

    /// <summary>A number from 0 to 1, or NaN.</summary>
    private static float Unit(float x) => float.IsNaN(x) ? x : Math.Abs(x) <= 1 ? Math.Abs(x) : Math.Abs(1 / x);

    /// <summary>Every exponent, both signs, and the special values.</summary>
    private static IEnumerable<float> Inputs() {
        for (uint bits = 0; bits < 0xff800000u; bits += 40_009) {
            float x = BitConverter.UInt32BitsToSingle(bits);
            if (!float.IsNaN(x)) yield return x;
        }
        float[] special = [0, -0f, 1, -1, float.Epsilon, -float.Epsilon, float.MaxValue, float.MinValue, float.PositiveInfinity,
            float.NegativeInfinity, float.NaN, 88.7228f, 88.73f, -87.3365f, -103.9f, -104f, 0.34f, 0.625f, 1.17549435e-38f];
        foreach (float x in special) yield return x;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Errors_stay_within_four_units_in_the_last_place(string name) {
        (Func<float, float> scalar, _, Func<double, double> truth) = Functions[name];
        foreach (float x in Inputs()) {
            double expected = truth(x);
            float y = scalar(x), rounded = (float)expected;
            if (float.IsNaN(rounded) || float.IsInfinity(rounded)) {
                Assert.True(y.Equals(rounded), $"{name}({x:R}) is {y:R}, not {rounded:R}");
                continue;
            }
            double unit = (double)MathF.BitIncrement(Math.Abs(rounded)) - Math.Abs(rounded);
            Assert.True(Math.Abs(y - expected) <= 4 * unit,
                $"{name}({x:R}) is {y:R}, not {expected:R}: {Math.Abs(y - expected) / unit:0.0} units");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_lane_has_the_bits_of_the_scalar(string name) {
        (Func<float, float> scalar, Lanes vector, _) = Functions[name];
        foreach (float[] sixteen in Inputs().Chunk(16).Where(chunk => chunk.Length == 16)) {
            Vector512<float> lanes = vector(Vector512.Create(sixteen));
            for (int i = 0; i < 16; i++) {
                float y = scalar(sixteen[i]);
                Assert.True(y.Equals(lanes[i]), $"{name}({sixteen[i]:R}): scalar {y:R}, lane {lanes[i]:R}");
            }
        }
    }

    [Theory]
    [InlineData(2f)]
    [InlineData(-1f)]
    [InlineData(0.5f)]
    [InlineData(-1.5f)]
    [InlineData(3f)]
    [InlineData(0f)]
    [InlineData(2.3f)]
    [InlineData(-0.7f)]
    [InlineData(17f)]
    public void Powers_are_those_of_double(float p) {
        foreach (float x in (float[])[0, 1, 2, 0.1f, 3.7f, 1e-3f, 250f, -2, -0.3f, float.PositiveInfinity, float.NaN]) {
            float expected = (float)Math.Pow(x, p), y = Elementary.Pow(x, p);
            bool close = y.Equals(expected) || Math.Abs(y - expected) <= 2e-6 * Math.Abs(expected);
            Assert.True(close, $"{x}^{p} is {y:R}, not {expected:R}");
        }
    }
}
