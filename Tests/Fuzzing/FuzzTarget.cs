namespace DenseEngine.Tests;

/// <summary>A reader of strangers' files, with what to damage.</summary>
/// <param name="Name">For case names and folders.</param>
/// <param name="Seeds">Sound files of the fixtures, ten of them, of every variant of the format.</param>
/// <param name="Read">Reads all of a file; what it gives says in a form that confirm.py knows what was read.</param>
internal sealed record FuzzTarget(string Name, Func<IEnumerable<byte[]>> Seeds, Func<byte[], string> Read) {
    /// <summary>Makes checksums fit again, so that damage reaches what lies behind them.</summary>
    public Action<byte[]>? Repair { get; init; }

    /// <summary>Damages a file, given another to take pieces from, within the frame that its format has.</summary>
    public Func<byte[], byte[], Mutator, byte[]>? Forge { get; init; }

    /// <summary>Of so many damaged files only one is read: for what takes long.</summary>
    public int Rarity { get; init; } = 1;

    /// <summary>Pieces of the format that may be put in.</summary>
    public byte[][] Words { get; init; } = [];

    private static readonly byte[][] JsonWords =
        Mutator.Texts("null", "[]", "{}", "-1", "0", "1.5", "1e999", "NaN", "99999999999999999999", "\"\"",
        "[[[[", "\\ud800", "\\u0000", ",", "\"id\":", "\"bbox\":[", "\"iscrowd\":1,", "true", "\"..\"", "\n");

    /// <summary>JPEG's segments, some with short contents.</summary>
    private static readonly byte[][] Markers =
        [[0xFF, 0xD8], [0xFF, 0xD9], [0xFF, 0xDA], [0xFF, 0xC0], [0xFF, 0xC1], [0xFF, 0xC2], [0xFF, 0xC9],
        [0xFF, 0xCA], [0xFF, 0xC4], [0xFF, 0xDB], [0xFF, 0xDC, 0, 4, 0, 9], [0xFF, 0xDD, 0, 4, 0, 3], [0xFF, 0xD0], [0xFF, 0xD3],
            [0xFF, 0xD7], [0xFF, 0],
        [0xFF, 0xFF], [0xFF, 0xEE, 0, 14, .. "Adobe"u8, 0, 100, 0, 0, 0, 0, 1], [0xFF, 0xE0, 0, 4, 1, 2], [0xFF, 0x01], [0x11], [0x22],
            [0x41]];

    /// <summary>All readers.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } = [
        new("safetensors", () => [.. In("checkpoints", "all_dtypes.safetensors", "header_in_other_order.safetensors",
            "no_tensors.safetensors"),
            .. In("ops", "abs.safetensors", "nms.safetensors", "argmax.safetensors", "box_iou.safetensors", "topk.safetensors",
                "where.safetensors"), .. In("units", "gaussian2d.safetensors")], FuzzReaders.Checkpoint) { Forge = HeaderForge.Forge },
        new("pth_zip", () => In("checkpoints", "basic_zip.pth", "dtypes_zip.pth", "views_zip.pth", "nested_zip.pth", "protocol2_zip.pth",
            "protocol4_zip.pth", "rezipped_deflate.pth", "newer_records.pth", "parameters.pth", "keys.pth"), FuzzReaders.Checkpoint) {
            Repair = file => ZipChecksums.Repair(file),
            Forge = ZipForge.Forge,
        },
        // All files of the older format that the fixtures have.
        new("pth_legacy", () => In("checkpoints", "basic_legacy.pth", "dtypes_legacy.pth", "views_legacy.pth", "nested_legacy.pth",
            "protocol4_legacy.pth", "cuda_location_legacy.pth", "handmade_legacy.pth"), FuzzReaders.Checkpoint) { Words = ZipForge.Words },
        new("png", () => In("images", "png_rgb8.png", "png_rgba16.png", "png_gray1_interlaced.png", "png_palette4_trns.png",
            "png_palette8_interlaced.png", "png_gray_alpha8.png", "png_exif_6.png", "png_3x5_interlaced.png", "png_rgb16_interlaced.png",
            "png_gray2_trns.png"), FuzzReaders.Picture) { Repair = PngChecksums.Repair, Forge = PngForge.Forge },
        new("jpeg", () => In("images", "jpeg_baseline_422.jpg", "jpeg_440.jpg", "jpeg_411.jpg", "jpeg_progressive_420.jpg",
            "jpeg_restart_rows_progressive.jpg", "jpeg_restart_every_mcu.jpg", "jpeg_cmyk.jpg", "jpeg_exif_big_endian_6.jpg",
            "jpeg_rgb_no_transform.jpg", "jpeg_arithmetic.jpg"), FuzzReaders.Picture) { Words = Markers },
        new("jpeg_scans", () => In("jpegs", "scans_of_single_bits.jpg", "scans_of_single_bits_arithmetic.jpg", "1x2_17x19.jpg",
            "2x2_1x2_2x1_17x19.jpg", "4x2_5x2.jpg", "adobe_rgb.jpg", "bytes_before_eoi.jpg", "bytes_between_segments.jpg", "3x1_17x19.jpg",
            "1x4_17x19.jpg"), FuzzReaders.Picture) { Words = Markers },
        new("bmp", () => [.. In("images", "bmp_1.bmp", "bmp_4.bmp", "bmp_8_rle.bmp", "bmp_16_555.bmp", "bmp_16_565.bmp",
            "bmp_24_topdown.bmp",
            "bmp_32.bmp"), .. In("pictures", "header124_8.bmp", "os2_24.bmp", "runs_24.bmp")], FuzzReaders.Picture),
        new("pnm", () => [.. In("images", "pnm_p5.pgm", "pnm_p5_16bit.pgm", "pnm_p6.ppm", "pnm_p6_comments.ppm"),
            .. In("pictures", "bits.pbm", "bits_text.pbm", "colour_99.ppm", "colour_text_300.ppm", "grey_text_15.pgm", "grey_65535.pgm")],
            FuzzReaders.Picture) { Words =
                Mutator.Texts("P1", "P2", "P3", "P4", "P5", "P6", "P7", " ", "\n", "#", "255", "65535", "1", "0", "-1", "99999") },
        new("config", ConfigTexts.Sound, ConfigTexts.Read) { Words = ConfigTexts.Words },
        new("mmdet_config", ConfigTexts.Networks, ConfigTexts.ReadNetwork) { Words = ConfigTexts.Words },
        new("detector", () => In("detectors", "gfl_r18/checkpoint.pth", "gfl_r18_mmdet3/checkpoint.pth"), FuzzReaders.Detector) {
            Forge = ZipForge.ForgeConfig,
            Rarity = 10,
        },
        new("coco", () => CocoCases("annotations.json"), FuzzReaders.Annotations) { Words = JsonWords },
        new("coco_results", () => CocoCases("results.json"), FuzzReaders.Results) { Words = JsonWords },
    ];

    /// <summary>A folder or file of the project's own fixtures.</summary>
    public static string Fixture(string path) => Path.Combine(Fixtures.Repository, "Tests", "Fixtures", path);

    private static IEnumerable<byte[]> In(string group, params string[] names) =>
        names.Select(name => File.ReadAllBytes(Fixture($"{group}/{name}")));

    private static IEnumerable<byte[]> CocoCases(string file) => In("coco", [.. new[] { "area_limits", "crowds", "ignore_field",
        "iou_exactly_at_threshold", "mixed", "no_truth_at_all", "perfect", "ties", "truth_id_zero", "unknown_images_in_results" }
        .Select(name => $"{name}/{file}")]);
}
