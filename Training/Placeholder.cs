namespace DenseEngine.Training;
