using DenseEngine.Models;
using DenseEngine.Ops;

namespace DenseEngine.Training;

/// <summary>What is done to a training picture, in mmdetection's order: change colours, cut out a part, resize with its proportions kept,
/// flip, normalise, pad.</summary>
/// <param name="Scales">Bounds (longer side, shorter side) in pixels that the resized picture just fits.</param>
/// <param name="Mode">How one is chosen.</param>
/// <param name="FlipProbability">How often a picture is mirrored horizontally.</param>
/// <param name="Normalization">Mean, deviation and channel order.</param>
/// <param name="Divisor">Batches are padded with zeros, right and bottom, to multiples of this many pixels.</param>
public sealed record Augmentation(
    IReadOnlyList<(int Long, int Short)> Scales, ScaleMode Mode, double FlipProbability, Normalization Normalization, int Divisor = 32) {
    /// <summary>How colours are changed before all else; null: not at all.</summary>
    public ColorDistortion? Colors { get; init; }

    /// <summary>How a part is cut out then; null: the whole is taken.</summary>
    public RandomCropPad? Crop { get; init; }

    /// <summary>Whether a picture's padding reaches to the end of its batch: heat maps' targets take the first one's padded size for all,
    /// as in mmdetection, whose recipes for them cut all pictures to one size.</summary>
    public bool PadTogether { get; init; }

    /// <summary>What a configuration's recipe asks for.</summary>
    public static Augmentation Of(DetectorConfig config) {
        (TrainingRecipe recipe, InputConfig input) = (config.Training, config.Input);
        return new([.. recipe.Scales.Select(scale => (scale[0], scale[1]))], recipe.ScaleMode, recipe.FlipProbability,
            new Normalization([.. input.Mean], [.. input.Std], input.ToRgb), input.SizeDivisor) {
            Colors = recipe.Colors,
            Crop = recipe.Crop,
            PadTogether = config.SeesViews,
        };
    }

    /// <summary>Prepares one picture: pixels still 8 bit, boxes moved along and clipped to the picture.</summary>
    public PreparedPicture Prepare(TrainingPicture source, Picture picture, Philox random) {
        if (Colors is { } colors) picture = Training.Colors.Distort(colors, picture, random);
        if (Crop is { } crop) (source, picture) = PartOfPicture.Cut(crop, source, picture, random);
        (int Long, int Short) scale = Choose(random);
        (int width, int height, float scaleX, float scaleY) = ResizeRule.KeepRatio(picture.Width, picture.Height, scale.Long, scale.Short);
        bool flip = random.NextSingle() < FlipProbability;
        Picture resized = picture.Resize(width, height);
        if (flip) resized = resized.FlipHorizontally();
        return new PreparedPicture(source.Id, resized, new GroundTruth(Move(source.Boxes), source.Labels, Move(source.Crowds)));

        Box[] Move(float[] boxes) => [.. boxes.Chunk(4).Select(box => {
            float x1 = Math.Clamp(box[0] * scaleX, 0, width), x2 = Math.Clamp(box[2] * scaleX, 0, width);
            float y1 = Math.Clamp(box[1] * scaleY, 0, height), y2 = Math.Clamp(box[3] * scaleY, 0, height);
            return flip ? new Box(width - x2, y1, width - x1, y2) : new Box(x1, y1, x2, y2);
        })];
    }

    private (int Long, int Short) Choose(Philox random) {
        if (Mode == ScaleMode.Value) return Scales[random.Next(Scales.Count)];
        int Between(Func<(int Long, int Short), int> side) {
            int least = Scales.Min(side);
            return least + random.Next(Scales.Max(side) - least + 1);
        }
        return (Between(s => s.Long), Between(s => s.Short));
    }
}

/// <summary>A picture ready for a batch: resized and flipped, its objects in its pixels.</summary>
public sealed record PreparedPicture(long Id, Picture Picture, GroundTruth Truth);
