using ILGPU;

namespace DenseEngine.Ops;

/// <summary>How a tile's words lie in shared memory: 16 for each row of the left side, 16 for each of the right side, in vectors of four
/// that are what a lane needs for one product, in an order that lets a warp read and write them without waiting for banks. Sides whose
/// loads go down the rows write words one by one or two by two; there the eight vectors of 128 bytes are exchanged by the place of these
/// 128 bytes among others.</summary>
internal static class TensorBand {
    /// <summary>Vectors of a row.</summary>
    public const int Pitch = 4;

    /// <summary>Where the left side has the words 4 q + 2 s and 4 q + 2 s + 1 of a pair of rows: of the even row, the odd row, and again.
    /// The pairs of 16 rows lie together, those of each s apart.</summary>
    public static int Left(int pair, int q, int s, bool exchanged) {
        int at = (pair >> 3) * 64 + s * 32 + (pair & 7) * 4 + q;
        return exchanged ? at ^ (pair >> 1 & 7) : at;
    }

    /// <summary>Where the right side has the words 4 q to 4 q + 3 of a row.</summary>
    public static int Right(int row, int q, bool exchanged) {
        int at = row * Pitch + q;
        return exchanged ? at ^ (row >> 2 & 7) : at;
    }
}

/// <summary>What a lane of a warp, (g, q) = 4 g + q, has of 32 rows. Of the left side: the pair g of the first 16 rows, with s = 0 and 1,
/// and of the next. Of the right side: the q-th four words of the rows g, g + 8, g + 16 and g + 24. 32 lanes read 512 bytes that
/// follow each other. Places have 64 bits: the numbers added to them are then a part of the loads.</summary>
internal struct TensorRows {
    public Int4 A, B, C, D;

    /// <summary>Reads them of the left side.</summary>
    /// <param name="words">Shared memory.</param>
    /// <param name="first">The first row's place: of a multiple of 32.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="exchanged">See <see cref="TensorBand"/>.</param>
    public static TensorRows Left(ArrayView<Int4> words, int first, int lane, bool exchanged) {
        TensorRows rows = default;
        long upper = first + (exchanged ? lane ^ lane >> 3 : lane), lower = first + (exchanged ? lane ^ lane >> 3 ^ 4 : lane);
        rows.A = words[upper];
        rows.B = words[upper + 32];
        rows.C = words[lower + 64];
        rows.D = words[lower + 96];
        return rows;
    }

    /// <summary>Reads them of the right side; as <see cref="Left"/>.</summary>
    public static TensorRows Right(ArrayView<Int4> words, int first, int lane, bool exchanged) {
        TensorRows rows = default;
        if (exchanged) {
            int at = lane ^ lane >> 4;
            long a = first + at, b = first + (at ^ 2), c = first + (at ^ 4), d = first + (at ^ 6);
            rows.A = words[a];
            rows.B = words[b + 32];
            rows.C = words[c + 64];
            rows.D = words[d + 96];
        } else {
            long all = first + lane;
            rows.A = words[all];
            rows.B = words[all + 32];
            rows.C = words[all + 64];
            rows.D = words[all + 96];
        }
        return rows;
    }
}
