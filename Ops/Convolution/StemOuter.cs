using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using static System.Runtime.Intrinsics.Vector512;
using Lanes = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>The sum of a stem's weight gradient over one line of places: 7 taps of 3 channels, 2 columns from place to place, 16 outputs at
/// a time. A number of the line is seen by up to four neighbouring places, whose gradients wait in registers: it is read once for
/// all.</summary>
internal static unsafe class StemOuter {
    /// <summary>Numbers of a window's line, and between places.</summary>
    public const int Run = 21, Step = 6;

    /// <summary>Adds to sum [21,16], for some places (4 at least), the products of the line's numbers and the gradients, which lie a number
    /// of floats apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(float* line, float* gradient, nint stride, int places, float* sum) {
        Lanes c0 = Load(sum + 0), c1 = Load(sum + 16), c2 = Load(sum + 32);
        Lanes c3 = Load(sum + 48), c4 = Load(sum + 64), c5 = Load(sum + 80);
        Lanes c6 = Load(sum + 96), c7 = Load(sum + 112), c8 = Load(sum + 128);
        Lanes c9 = Load(sum + 144), c10 = Load(sum + 160), c11 = Load(sum + 176);
        Lanes c12 = Load(sum + 192), c13 = Load(sum + 208), c14 = Load(sum + 224);
        Lanes c15 = Load(sum + 240), c16 = Load(sum + 256), c17 = Load(sum + 272);
        Lanes c18 = Load(sum + 288), c19 = Load(sum + 304), c20 = Load(sum + 320);
        Lanes d1 = Load(gradient), d2, d3, d0, e;
        // The first places, before which there are none.
        e = Create(line[0]); c0 = Avx512F.FusedMultiplyAdd(e, d1, c0); e = Create(line[1]); c1 = Avx512F.FusedMultiplyAdd(e, d1, c1);
        e = Create(line[2]); c2 = Avx512F.FusedMultiplyAdd(e, d1, c2); e = Create(line[3]); c3 = Avx512F.FusedMultiplyAdd(e, d1, c3);
        e = Create(line[4]); c4 = Avx512F.FusedMultiplyAdd(e, d1, c4); e = Create(line[5]); c5 = Avx512F.FusedMultiplyAdd(e, d1, c5);
        line += Step;
        gradient += stride;
        d0 = Load(gradient);
        e = Create(line[0]); c0 = Avx512F.FusedMultiplyAdd(e, d0, c0); c6 = Avx512F.FusedMultiplyAdd(e, d1, c6); e = Create(line[1]);
        c1 = Avx512F.FusedMultiplyAdd(e, d0, c1); c7 = Avx512F.FusedMultiplyAdd(e, d1, c7); e = Create(line[2]);
        c2 = Avx512F.FusedMultiplyAdd(e, d0, c2); c8 = Avx512F.FusedMultiplyAdd(e, d1, c8); e = Create(line[3]);
        c3 = Avx512F.FusedMultiplyAdd(e, d0, c3); c9 = Avx512F.FusedMultiplyAdd(e, d1, c9); e = Create(line[4]);
        c4 = Avx512F.FusedMultiplyAdd(e, d0, c4); c10 = Avx512F.FusedMultiplyAdd(e, d1, c10); e = Create(line[5]);
        c5 = Avx512F.FusedMultiplyAdd(e, d0, c5); c11 = Avx512F.FusedMultiplyAdd(e, d1, c11);
        line += Step;
        gradient += stride;
        (d2, d1) = (d1, d0);
        d0 = Load(gradient);
        e = Create(line[0]); c0 = Avx512F.FusedMultiplyAdd(e, d0, c0); c6 = Avx512F.FusedMultiplyAdd(e, d1, c6);
        c12 = Avx512F.FusedMultiplyAdd(e, d2, c12); e = Create(line[1]); c1 = Avx512F.FusedMultiplyAdd(e, d0, c1);
        c7 = Avx512F.FusedMultiplyAdd(e, d1, c7); c13 = Avx512F.FusedMultiplyAdd(e, d2, c13); e = Create(line[2]);
        c2 = Avx512F.FusedMultiplyAdd(e, d0, c2); c8 = Avx512F.FusedMultiplyAdd(e, d1, c8); c14 = Avx512F.FusedMultiplyAdd(e, d2, c14);
        e = Create(line[3]); c3 = Avx512F.FusedMultiplyAdd(e, d0, c3); c9 = Avx512F.FusedMultiplyAdd(e, d1, c9);
        c15 = Avx512F.FusedMultiplyAdd(e, d2, c15); e = Create(line[4]); c4 = Avx512F.FusedMultiplyAdd(e, d0, c4);
        c10 = Avx512F.FusedMultiplyAdd(e, d1, c10); c16 = Avx512F.FusedMultiplyAdd(e, d2, c16); e = Create(line[5]);
        c5 = Avx512F.FusedMultiplyAdd(e, d0, c5); c11 = Avx512F.FusedMultiplyAdd(e, d1, c11); c17 = Avx512F.FusedMultiplyAdd(e, d2, c17);
        (d3, d2, d1) = (d2, d1, d0);
        for (int place = 3; place < places; place++) {
            line += Step;
            gradient += stride;
            d0 = Load(gradient);
            e = Create(line[0]); c0 = Avx512F.FusedMultiplyAdd(e, d0, c0); c6 = Avx512F.FusedMultiplyAdd(e, d1, c6);
            c12 = Avx512F.FusedMultiplyAdd(e, d2, c12); c18 = Avx512F.FusedMultiplyAdd(e, d3, c18); e = Create(line[1]);
            c1 = Avx512F.FusedMultiplyAdd(e, d0, c1); c7 = Avx512F.FusedMultiplyAdd(e, d1, c7);
            c13 = Avx512F.FusedMultiplyAdd(e, d2, c13); c19 = Avx512F.FusedMultiplyAdd(e, d3, c19); e = Create(line[2]);
            c2 = Avx512F.FusedMultiplyAdd(e, d0, c2); c8 = Avx512F.FusedMultiplyAdd(e, d1, c8);
            c14 = Avx512F.FusedMultiplyAdd(e, d2, c14); c20 = Avx512F.FusedMultiplyAdd(e, d3, c20); e = Create(line[3]);
            c3 = Avx512F.FusedMultiplyAdd(e, d0, c3); c9 = Avx512F.FusedMultiplyAdd(e, d1, c9);
            c15 = Avx512F.FusedMultiplyAdd(e, d2, c15); e = Create(line[4]); c4 = Avx512F.FusedMultiplyAdd(e, d0, c4);
            c10 = Avx512F.FusedMultiplyAdd(e, d1, c10); c16 = Avx512F.FusedMultiplyAdd(e, d2, c16); e = Create(line[5]);
            c5 = Avx512F.FusedMultiplyAdd(e, d0, c5); c11 = Avx512F.FusedMultiplyAdd(e, d1, c11);
            c17 = Avx512F.FusedMultiplyAdd(e, d2, c17);
            (d3, d2, d1) = (d2, d1, d0);
        }
        // Behind the last place its own window goes on.
        line += Step;
        e = Create(line[0]); c6 = Avx512F.FusedMultiplyAdd(e, d1, c6); c12 = Avx512F.FusedMultiplyAdd(e, d2, c12);
        c18 = Avx512F.FusedMultiplyAdd(e, d3, c18); e = Create(line[1]); c7 = Avx512F.FusedMultiplyAdd(e, d1, c7);
        c13 = Avx512F.FusedMultiplyAdd(e, d2, c13); c19 = Avx512F.FusedMultiplyAdd(e, d3, c19); e = Create(line[2]);
        c8 = Avx512F.FusedMultiplyAdd(e, d1, c8); c14 = Avx512F.FusedMultiplyAdd(e, d2, c14); c20 = Avx512F.FusedMultiplyAdd(e, d3, c20);
        e = Create(line[3]); c9 = Avx512F.FusedMultiplyAdd(e, d1, c9); c15 = Avx512F.FusedMultiplyAdd(e, d2, c15); e = Create(line[4]);
        c10 = Avx512F.FusedMultiplyAdd(e, d1, c10); c16 = Avx512F.FusedMultiplyAdd(e, d2, c16); e = Create(line[5]);
        c11 = Avx512F.FusedMultiplyAdd(e, d1, c11); c17 = Avx512F.FusedMultiplyAdd(e, d2, c17);
        line += Step;
        e = Create(line[0]); c12 = Avx512F.FusedMultiplyAdd(e, d1, c12); c18 = Avx512F.FusedMultiplyAdd(e, d2, c18); e = Create(line[1]);
        c13 = Avx512F.FusedMultiplyAdd(e, d1, c13); c19 = Avx512F.FusedMultiplyAdd(e, d2, c19); e = Create(line[2]);
        c14 = Avx512F.FusedMultiplyAdd(e, d1, c14); c20 = Avx512F.FusedMultiplyAdd(e, d2, c20); e = Create(line[3]);
        c15 = Avx512F.FusedMultiplyAdd(e, d1, c15); e = Create(line[4]); c16 = Avx512F.FusedMultiplyAdd(e, d1, c16); e = Create(line[5]);
        c17 = Avx512F.FusedMultiplyAdd(e, d1, c17);
        line += Step;
        e = Create(line[0]); c18 = Avx512F.FusedMultiplyAdd(e, d1, c18); e = Create(line[1]); c19 = Avx512F.FusedMultiplyAdd(e, d1, c19);
        e = Create(line[2]); c20 = Avx512F.FusedMultiplyAdd(e, d1, c20);
        c0.Store(sum + 0); c1.Store(sum + 16); c2.Store(sum + 32); c3.Store(sum + 48); c4.Store(sum + 64); c5.Store(sum + 80);
        c6.Store(sum + 96); c7.Store(sum + 112); c8.Store(sum + 128); c9.Store(sum + 144); c10.Store(sum + 160); c11.Store(sum + 176);
        c12.Store(sum + 192); c13.Store(sum + 208); c14.Store(sum + 224); c15.Store(sum + 240); c16.Store(sum + 256);
        c17.Store(sum + 272); c18.Store(sum + 288); c19.Store(sum + 304); c20.Store(sum + 320);
    }
}
