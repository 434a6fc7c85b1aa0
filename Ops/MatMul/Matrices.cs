namespace DenseEngine.Ops;

/// <summary>The host path of matrix products: each matrix of a batch by <see cref="Gemm"/>.</summary>
internal static unsafe class Matrices {
    /// <summary>y = a · b, batch by batch.</summary>
    public static void Forward(HostDevice host, MatMulGeometry p, Tensor a, Tensor b, Tensor y) {
        float* left = a.Pointer, right = b.Pointer, to = y.Pointer;
        host.Workers.For(p.Batches, batch => Product(host, p.M, p.N, p.K, left + (nint)p.Left(batch) * p.M * p.K, p.TransposeA,
            right + (nint)p.Right(batch) * p.K * p.N, p.TransposeB, null, false, to + (nint)batch * p.M * p.N));
    }

    /// <summary>da = dy · bᵀ (stored transposed: b · dyᵀ), summed over the products that share a left matrix.</summary>
    public static void LeftGradient(HostDevice host, MatMulGeometry p, Tensor dy, Tensor b, Tensor da) {
        float* gradient = dy.Pointer, right = b.Pointer, to = da.Pointer;
        Owned(host, p.LeftBatches, p.Batches, p.Left, (nint)p.M * p.K, to, (target, batch, add) => {
            float* dyOne = gradient + (nint)batch * p.M * p.N, bOne = right + (nint)p.Right(batch) * p.K * p.N,
                daOne = to + (nint)target * p.M * p.K;
            if (p.TransposeA) Product(host, p.K, p.M, p.N, bOne, p.TransposeB, dyOne, true, null, add, daOne);
            else Product(host, p.M, p.K, p.N, dyOne, false, bOne, !p.TransposeB, null, add, daOne);
        });
    }

    /// <summary>db = aᵀ · dy (stored transposed: dyᵀ · a), summed over the products that share a right matrix.</summary>
    public static void RightGradient(HostDevice host, MatMulGeometry p, Tensor a, Tensor dy, Tensor db) {
        float* left = a.Pointer, gradient = dy.Pointer, to = db.Pointer;
        Owned(host, p.RightBatches, p.Batches, p.Right, (nint)p.K * p.N, to, (target, batch, add) => {
            float* aOne = left + (nint)p.Left(batch) * p.M * p.K, dyOne = gradient + (nint)batch * p.M * p.N,
                dbOne = to + (nint)target * p.K * p.N;
            if (p.TransposeB) Product(host, p.N, p.K, p.M, dyOne, true, aOne, p.TransposeA, null, add, dbOne);
            else Product(host, p.K, p.N, p.M, aOne, !p.TransposeA, dyOne, false, null, add, dbOne);
        });
    }

    /// <summary>c (+)= a · b (+ bias along the columns) of dense matrices, either of them stored transposed.</summary>
    public static void Product(HostDevice host, int m, int n, int k, float* a, bool transposeA, float* b, bool transposeB, float* bias,
        bool accumulate, float* c, GemmKernel? forced = null) {
        if ((m == 1 || n == 1) && forced is null) {
            int count = m * n;
            if (!accumulate) {
                for (int i = 0; i < count; i++) c[i] = bias == null ? 0 : bias[m == 1 ? i : 0];
            }
            float* matrix = m == 1 ? b : a, vector = m == 1 ? a : b;
            if (m == 1 ? transposeB : !transposeA) GemmVector.Dots(host, matrix, count, k, vector, c);
            else GemmVector.Combine(host, matrix, k, count, vector, c);
            return;
        }
        using var columns = new GemmColumns(host, forced ?? GemmKernel.Best, k, n);
        if (transposeB) columns.FromColumns(b, k);
        else columns.FromRows(b, n, 0, k);
        if (transposeA) Gemm.Run(host, new TransposedRows(a, m), m, columns, bias, accumulate, new GemmOutput(c, n));
        else Gemm.Run(host, new MatrixRows(a, k), m, columns, bias, accumulate, new GemmOutput(c, n));
    }

    /// <summary>Goes through the products in order for each target, which one item owns; a target that no product meets is zero.</summary>
    private static void Owned(HostDevice host, int targets, int batches, Func<int, int> targetOf, nint size, float* to,
        Action<int, int, bool> product) =>
        host.Workers.For(targets, target => {
            bool add = false;
            for (int batch = 0; batch < batches; batch++) {
                if (targetOf(batch) != target) continue;
                product(target, batch, add);
                add = true;
            }
            if (!add) new Span<float>(to + target * size, (int)size).Clear();
        });
}
