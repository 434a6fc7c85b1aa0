using ILGPU;

namespace DenseEngine.Ops;

/// <summary>What a thread brings of one side to a step of a tensor core's tile: two or four vectors, twice where a word has two
/// factors.</summary>
internal struct TensorLoads {
    private TileRow rowA, rowB, rowC, rowD;
    private Float4 a, b, c, d, secondA, secondB, secondC, secondD;

    /// <summary>Sends a thread to its values: to a fourth of the 16 inner places of a row (of both rows of a pair, on the left side), or to
    /// four rows of one of them. Eight neighbouring lanes bring 32 rows then, and four times eight lanes four inner places.</summary>
    public void Begin<TSide>(ref TSide side, int batch, int firstRow, int inner, int count, int threads, bool pairs)
        where TSide : unmanaged, ITileSide {
        int thread = Group.IdxX, row = firstRow, apart = threads / 4, next = apart;
        if (!side.AlongInner) {
            row += Fours(thread) * 4;
            side.Go(inner + Inner(thread));
        } else {
            side.Go(inner + (thread & 3) * 4);
            if (pairs) (row, next) = (row + (thread >> 2) * 2, 1);
            else row += thread >> 2;
        }
        rowA = side.Row(batch, row);
        rowB = side.Row(batch, row + next);
        if (count < 4) return;
        rowC = side.Row(batch, row + 2 * apart);
        rowD = side.Row(batch, row + 2 * apart + next);
    }

    /// <summary>Fetches the values of a step, and goes on.</summary>
    public void Fetch<TSide, TWords, TTile>(ref TSide side, ArrayView<float> values, int end, int count) where TSide : unmanaged, ITileSide
        where TWords : struct, ITensorWords where TTile : struct, ITensorTile {
        a = Load<TSide, TTile>(side, values, rowA, end);
        b = Load<TSide, TTile>(side, values, rowB, end);
        if (count == 4) {
            c = Load<TSide, TTile>(side, values, rowC, end);
            d = Load<TSide, TTile>(side, values, rowD, end);
        }
        side.Advance(Op.TensorStep);
        if (TWords.Factors == 1) return;
        secondA = Load<TSide, TTile>(side, values, rowA, end);
        secondB = Load<TSide, TTile>(side, values, rowB, end);
        if (count == 4) {
            secondC = Load<TSide, TTile>(side, values, rowC, end);
            secondD = Load<TSide, TTile>(side, values, rowD, end);
        }
        side.Advance(Op.TensorStep);
    }

    private static Float4 Load<TSide, TTile>(TSide side, ArrayView<float> values, TileRow row, int end)
        where TSide : unmanaged, ITileSide where TTile : struct, ITensorTile {
        if (TTile.OnlyFours) return side.LoadFour(values, row, end);
        return side.Load(values, row, end);
    }

    /// <summary>Rounds them and writes them to shared memory as the left side has them.</summary>
    public readonly void DepositLeft<TWords>(ArrayView<Int4> words, int at, bool alongInner, int count, int threads)
        where TWords : struct, ITensorWords {
        Int4 first = TWords.Pack(a, secondA), second = TWords.Pack(b, secondB);
        if (alongInner) {
            Pair(words, at, 0, threads, first, second);
            if (count == 4) Pair(words, at, 1, threads, TWords.Pack(c, secondC), TWords.Pack(d, secondD));
            return;
        }
        Down(words, at, 0, threads, first);
        Down(words, at, 1, threads, second);
        if (count < 4) return;
        Down(words, at, 2, threads, TWords.Pack(c, secondC));
        Down(words, at, 3, threads, TWords.Pack(d, secondD));
    }

    /// <summary>As the right side has them.</summary>
    public readonly void DepositRight<TWords>(ArrayView<Int4> words, int at, bool alongInner, int count, int threads)
        where TWords : struct, ITensorWords {
        Row(words, at, 0, alongInner, threads, TWords.Pack(a, secondA));
        Row(words, at, 1, alongInner, threads, TWords.Pack(b, secondB));
        if (count < 4) return;
        Row(words, at, 2, alongInner, threads, TWords.Pack(c, secondC));
        Row(words, at, 3, alongInner, threads, TWords.Pack(d, secondD));
    }

    /// <summary>Four words of both rows of a pair: a warp has the eight pairs of 16 rows.</summary>
    private static void Pair(ArrayView<Int4> words, int first, int load, int threads, Int4 even, Int4 odd) {
        int thread = Group.IdxX;
        long at = first + (thread >> 5) * 64 + (thread & 31);
        words[at + load * threads * 2] = new Int4 { X = even.X, Y = odd.X, Z = even.Y, W = odd.Y };
        words[at + load * threads * 2 + 32] = new Int4 { X = even.Z, Y = odd.Z, Z = even.W, W = odd.W };
    }

    /// <summary>A word of two pairs.</summary>
    private static void Down(ArrayView<Int4> words, int first, int load, int threads, Int4 rows) {
        int thread = Group.IdxX, pair = (Fours(thread) + load * (threads / 16)) * 2, inner = Inner(thread);
        int q = inner >> 2, s = inner >> 1 & 1, half = inner & 1;
        ArrayView<Int2> two = words.Cast<Int2>();
        two[(first + TensorBand.Left(pair, q, s, true)) * 2 + half] = new Int2 { X = rows.X, Y = rows.Y };
        two[(first + TensorBand.Left(pair + 1, q, s, true)) * 2 + half] = new Int2 { X = rows.Z, Y = rows.W };
    }

    /// <summary>Four words of a row, or a word of four rows.</summary>
    private static void Row(ArrayView<Int4> words, int first, int load, bool alongInner, int threads, Int4 values) {
        int thread = Group.IdxX;
        if (alongInner) {
            long at = first + thread;
            words[at + load * threads] = values;
            return;
        }
        int row = (Fours(thread) + load * (threads / 16)) * 4, inner = Inner(thread), q = inner >> 2, word = inner & 3;
        ArrayView<int> single = words.Cast<int>();
        single[(first + TensorBand.Right(row, q, true)) * 4 + word] = values.X;
        single[(first + TensorBand.Right(row + 1, q, true)) * 4 + word] = values.Y;
        single[(first + TensorBand.Right(row + 2, q, true)) * 4 + word] = values.Z;
        single[(first + TensorBand.Right(row + 3, q, true)) * 4 + word] = values.W;
    }

    private struct Int2 {
        public int X, Y;
    }

    private static int Fours(int thread) => (thread >> 7) * 8 + (thread & 7);

    private static int Inner(int thread) => thread >> 3 & 15;
}
