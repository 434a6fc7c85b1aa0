namespace DenseEngine.Models;

internal abstract class JpegArithmeticBlocks : JpegBlocks {
    public static new JpegArithmeticBlocks Of(JpegScan scan, JpegTables tables) =>
        throw new ImageException("The picture is an arithmetic-coded JPEG file, a kind that is not read.");
}
