namespace DenseEngine.Cases;

/// <summary>Compares a device with the host, item by item. An error of the device ends an item, not the whole: after one the device is
/// opened again, as a kernel that did not compile leaves ILGPU's context unusable.</summary>
/// <param name="open">Opens the device.</param>
internal sealed class Verification(Func<GpuDevice> open) : IDisposable {
    private GpuDevice? device;

    /// <summary>Runs an item.</summary>
    /// <exception cref="OperationCanceledException">The thread's <see cref="CancelScope"/> was cancelled.</exception>
    public ItemResult Run(VerifyItem item) {
        int cases = 0;
        var close = new Closeness();
        string? varies = null, place = null;
        try {
            device ??= open();
            foreach (VerifyCase one in item.Cases) {
                CancelScope.ThrowIfCancelled();
                place = $"{one.Name}: ";
                CaseResult result = one.Run(device, one.Name);
                close = close.And(result.Close);
                if (!result.SameBits) varies ??= $"{one.Name}: a second run gave other bits";
                cases++;
            }
            place = "timing: ";
            double? there = item.Time?.Invoke(device), here = item.Time?.Invoke(HostDevice.Default);
            Verdict verdict = close.Failure is not null ? Verdict.Differs : varies is not null ? Verdict.Varies : Verdict.Agrees;
            return new(item.Name, cases, close.Share, verdict, close.Failure ?? varies, there, here);
        } catch (Exception e) when (e is not OperationCanceledException) {
            Close();
            return new(item.Name, cases, close.Share, Verdict.Fails, place + Reason(e), null, null);
        }
    }

    /// <summary>Closes the device.</summary>
    public void Dispose() => Close();

    /// <summary>ILGPU's own message says only that there was one.</summary>
    private static string Reason(Exception e) {
        while (e.InnerException is { } inner) e = inner;
        return $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}";
    }

    private void Close() {
        GpuDevice? old = device;
        device = null;
        try {
            old?.Dispose();
        } catch (Exception e) when (e is not OperationCanceledException) {
            // It is broken; what it broke with was said.
        }
    }
}
