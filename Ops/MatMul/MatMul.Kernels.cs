namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>y = a · b, batch by batch: in one launch where the batches go hand in hand or a side has only one.</summary>
    private static void MatMulGpu(GpuDevice gpu, MatMulGeometry p, Tensor a, Tensor b, Tensor y) {
        var factors = new DenseFactors(gpu, a, p.TransposeA, b, p.TransposeB, p.M, p.N, p.K);
        int left = p.LeftBatches, right = p.RightBatches, all = p.Batches;
        if ((left == 1 || left == all) && (right == 1 || right == all)) {
            factors.Into(y, all, left == 1 ? 0 : p.M * p.K, right == 1 ? 0 : p.K * p.N);
            return;
        }
        for (int batch = 0; batch < all; batch++) factors.Into(y, p.Left(batch), p.Right(batch), batch, false);
    }

    /// <summary>da = dy · bᵀ (stored transposed: b · dyᵀ), the products that share a left matrix added in order.</summary>
    private static void MatMulLeftGradientGpu(GpuDevice gpu, MatMulGeometry p, Tensor dy, Tensor b, Tensor da) {
        DenseFactors factors = p.TransposeA
            ? new(gpu, b, p.TransposeB, dy, true, p.K, p.M, p.N)
            : new(gpu, dy, false, b, !p.TransposeB, p.M, p.K, p.N);
        Gather(gpu, factors, da, p, p.LeftBatches, batch => p.TransposeA
            ? (p.Right(batch), batch, p.Left(batch))
            : (batch, p.Right(batch), p.Left(batch)));
    }

    /// <summary>db = aᵀ · dy (stored transposed: dyᵀ · a), the products that share a right matrix added in order.</summary>
    private static void MatMulRightGradientGpu(GpuDevice gpu, MatMulGeometry p, Tensor a, Tensor dy, Tensor db) {
        DenseFactors factors = p.TransposeB
            ? new(gpu, dy, true, a, p.TransposeA, p.N, p.K, p.M)
            : new(gpu, a, !p.TransposeA, dy, false, p.K, p.N, p.M);
        Gather(gpu, factors, db, p, p.RightBatches, batch => p.TransposeB
            ? (batch, p.Left(batch), p.Right(batch))
            : (p.Left(batch), batch, p.Right(batch)));
    }

    /// <summary>Goes through the products in order; the first of each target replaces what is there. A target that no product meets is
    /// zero.</summary>
    private static void Gather(GpuDevice gpu, DenseFactors factors, Tensor to, MatMulGeometry p, int targets,
        Func<int, (int Left, int Right, int Target)> place) {
        if (p.LeftBatches == p.Batches && p.RightBatches == p.Batches) {
            factors.Into(to, p.Batches, factors.M * factors.K, factors.K * factors.N);
            return;
        }
        var met = new bool[targets];
        if (p.Batches == 0) gpu.Fill(to, 0);
        for (int batch = 0; batch < p.Batches; batch++) {
            (int left, int right, int target) = place(batch);
            factors.Into(to, left, right, target, met[target]);
            met[target] = true;
        }
    }

    /// <summary>The factors of products of dense matrices, either side stored transposed.</summary>
    private readonly record struct DenseFactors(GpuDevice Gpu, Tensor A, bool TransposeA, Tensor B, bool TransposeB, int M, int N, int K) {
        /// <summary>All products of a batch; a stride of 0 repeats a factor.</summary>
        public void Into(Tensor y, int batches, int leftStride, int rightStride, Tensor? bias = null) =>
            Launch(new TileOutput(M, N, K, batches, 0, N, M * N), y, 0, leftStride, 0, rightStride, new Ending(bias));

        /// <summary>One product of given matrices.</summary>
        public void Into(Tensor y, int left, int right, int target, bool adds) =>
            Launch(new TileOutput(M, N, K, 1, target * M * N, N, 0), y, left * M * K, 0, right * K * N, 0,
                adds ? new Ending(Added: y) : Ending.None);

        private void Launch(TileOutput to, Tensor y, int leftStart, int leftStride, int rightStart, int rightStride, Ending ending) {
            if (TransposeA) Launch(to, y, new ColumnsSide(M, M, leftStart, leftStride), rightStart, rightStride, ending);
            else Launch(to, y, new RowsSide(M, K, leftStart, leftStride), rightStart, rightStride, ending);
        }

        private void Launch<TLeft>(TileOutput to, Tensor y, TLeft left, int rightStart, int rightStride, Ending ending)
            where TLeft : unmanaged, ITileSide {
            if (TransposeB) TiledProduct(Gpu, to, y, A, left, B, new RowsSide(N, K, rightStart, rightStride), ending);
            else TiledProduct(Gpu, to, y, A, left, B, new ColumnsSide(N, N, rightStart, rightStride), ending);
        }
    }
}
