namespace DenseEngine.Ops;
