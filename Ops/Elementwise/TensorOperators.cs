namespace DenseEngine.Ops;

/// <summary>The arithmetic operators on tensors: <c>a + b</c> is <c>Op.Add(a, b)</c>, <c>2 * a</c> is <c>Op.Affine(a, 2, 0)</c>.</summary>
public static class TensorOperators {
    extension(Tensor) {
        /// <summary><see cref="Op.Add"/>.</summary>
        public static Tensor operator +(Tensor a, Tensor b) => Op.Add(a, b);

        /// <summary>a + b for a number b.</summary>
        public static Tensor operator +(Tensor a, float b) => Op.Affine(a, 1, b);

        /// <summary>a + b for a number a.</summary>
        public static Tensor operator +(float a, Tensor b) => Op.Affine(b, 1, a);

        /// <summary><see cref="Op.Sub"/>.</summary>
        public static Tensor operator -(Tensor a, Tensor b) => Op.Sub(a, b);

        /// <summary>a - b for a number b.</summary>
        public static Tensor operator -(Tensor a, float b) => Op.Affine(a, 1, -b);

        /// <summary>a - b for a number a.</summary>
        public static Tensor operator -(float a, Tensor b) => Op.Affine(b, -1, a);

        /// <summary><see cref="Op.Neg"/>.</summary>
        public static Tensor operator -(Tensor a) => Op.Neg(a);

        /// <summary><see cref="Op.Mul"/>.</summary>
        public static Tensor operator *(Tensor a, Tensor b) => Op.Mul(a, b);

        /// <summary>a · b for a number b.</summary>
        public static Tensor operator *(Tensor a, float b) => Op.Affine(a, b, 0);

        /// <summary>a · b for a number a.</summary>
        public static Tensor operator *(float a, Tensor b) => Op.Affine(b, a, 0);

        /// <summary><see cref="Op.Div"/>.</summary>
        public static Tensor operator /(Tensor a, Tensor b) => Op.Div(a, b);

        /// <summary>a / b for a number b.</summary>
        public static Tensor operator /(Tensor a, float b) => Op.Affine(a, 1 / b, 0);
    }
}
