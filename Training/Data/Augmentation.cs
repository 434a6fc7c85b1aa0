using DenseEngine.Models;

namespace DenseEngine.Training;

/// <summary>How the side lengths of a picture's network size are chosen.</summary>
public enum ScaleMode {
    /// <summary>One of the listed scales, each as likely.</summary>
    Value,

    /// <summary>Both lengths uniformly between the smallest and the largest listed.</summary>
    Range,
}

/// <summary>What is done to a training picture, in mmdetection's order: resize with its proportions kept, flip, normalise, pad.</summary>
/// <param name="Scales">Bounds (longer side, shorter side) in pixels that the resized picture just fits.</param>
/// <param name="Mode">How one is chosen.</param>
/// <param name="FlipProbability">How often a picture is mirrored horizontally.</param>
/// <param name="Normalization">Mean, deviation and channel order.</param>
/// <param name="Divisor">Batches are padded with zeros, right and bottom, to multiples of this many pixels.</param>
public sealed record Augmentation(
    IReadOnlyList<(int Long, int Short)> Scales, ScaleMode Mode, double FlipProbability, Normalization Normalization, int Divisor = 32) {
    /// <summary>Prepares one picture: pixels still 8 bit, boxes moved along and clipped to the picture.</summary>
    public PreparedPicture Prepare(TrainingPicture source, Picture picture, Philox random) {
        (int Long, int Short) scale = Choose(random);
        (int width, int height, float scaleX, float scaleY) = ResizeRule.KeepRatio(picture.Width, picture.Height, scale.Long, scale.Short);
        bool flip = random.NextSingle() < FlipProbability;
        Picture resized = picture.Resize(width, height);
        if (flip) resized = resized.FlipHorizontally();
        float[] boxes = (float[])source.Boxes.Clone();
        for (int i = 0; i < boxes.Length; i += 4) {
            float x1 = Math.Clamp(boxes[i] * scaleX, 0, width), x2 = Math.Clamp(boxes[i + 2] * scaleX, 0, width);
            (boxes[i], boxes[i + 2]) = flip ? (width - x2, width - x1) : (x1, x2);
            (boxes[i + 1], boxes[i + 3]) = (Math.Clamp(boxes[i + 1] * scaleY, 0, height), Math.Clamp(boxes[i + 3] * scaleY, 0, height));
        }
        return new PreparedPicture(source.Id, resized, boxes, source.Labels);
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

/// <summary>A picture ready for a batch: resized and flipped, boxes in its pixels.</summary>
public sealed record PreparedPicture(long Id, Picture Picture, float[] Boxes, int[] Labels);
