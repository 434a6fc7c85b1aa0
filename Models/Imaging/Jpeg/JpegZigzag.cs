namespace DenseEngine.Models;

/// <summary>The order in which a block's coefficients stand in a file (T.81, figure 5).</summary>
internal static class JpegZigzag {
    /// <summary>Place in natural order (rows of 8) by place in the file. The places beyond 63, to which only damaged data lead, stand for
    /// the last one, as in libjpeg: so none need be checked.</summary>
    public static ReadOnlySpan<byte> Order => [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49,
        56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
        63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63];
}
