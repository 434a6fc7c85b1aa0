namespace DenseEngine.Models;
