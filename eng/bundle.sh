#!/usr/bin/env bash
# Makes a folder that runs on Linux x64 machines without .NET, and packs it: the `dense` command, the tests with their fixtures, the
# benchmarks with PyTorch's side. All share one runtime. docs/packaging.md says what is in it.
# Usage: eng/bundle.sh [OUT] [PROPERTY...]   OUT is the folder, artifacts/bundle/dense-linux-x64 if it is not given; OUT.tar.xz lies beside
# it. Properties go to the build: -p:IlgpuPath=FOLDER, -p:IlgpuFlavor=checked.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
name=bundle.sh
out="$root/artifacts/bundle/dense-linux-x64"
case "${1:-}" in
  -p:* | '') ;;
  *) out=$(realpath -m "$1"); shift ;;
esac
. "$root/eng/prepare.sh"
if [ -e "$out" ] && [ ! -x "$out/bin/dense" ] && [ -n "$(ls -A "$out")" ]; then
  echo "$name: $out is there and is no bundle" >&2
  exit 2
fi
rm -rf "$out" "$out.tar.xz"
mkdir -p "$out/bin"
for project in Cli Tests Benchmarks; do
  echo "$name: publishing $project ..." >&2
  # A room of its own for what is built, since the runtime goes into the list of packages.
  if ! dotnet publish "$root/$project" -c Release -r linux-x64 --self-contained -o "$out/bin" -v q --nologo -p:BuildSuffix=-bundle \
      -p:EmbedAllSources=false -p:SatelliteResourceLanguages=en "$@" >"$root/artifacts/bundle.log" 2>&1; then
    grep -E 'error' "$root/artifacts/bundle.log" | sort -u | head -20 >&2
    echo "$name: the build failed; artifacts/bundle.log has all of it" >&2
    exit 1
  fi
done
# What none of the three loads: descriptions for editors, the adapter for `dotnet test` and its host, readers of Windows' traces, debuggers.
rm -f "$out/bin"/{dense,DenseEngine.*,BenchmarkDotNet*,ILGPU*,xunit*,Spectre*,System.CommandLine}.xml
find "$out/bin" -mindepth 1 -type d -prune -exec rm -rf {} +   # other languages, other systems
rm -f "$out/bin"/{testhost,Microsoft.TestPlatform,Microsoft.VisualStudio.,Microsoft.CodeCoverage,xunit.runner.,msdia140,KernelTraceControl}*
rm -f "$out/bin"/{libmscordbi.so,libmscordaccore.so,libcoreclrtraceptprovider.so,createdump} "$out/bin"/Microsoft.{VisualBasic,DiaSymReader}*
mkdir "$out/source"
(cd "$root" && git ls-files -z --cached --others --exclude-standard | tar --null --ignore-failed-read -T - -cf -) | tar -xf - -C "$out/source"
cp "$root/eng/bundle/"* "$out/"
commit=$(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown)
runtime=$(sed -n 's/.*"Microsoft.NETCore.App", *$//; s/.*"version": "\(10[^"]*\)".*/\1/p' "$out/bin/dense.runtimeconfig.json" | head -1)
printf 'DenseEngine %s, .NET %s, made %s\n' "$commit" "$runtime" "$(date -u +%F)" >"$out/VERSION"
# It runs with nothing around it.
env -i "$out/dense" info >/dev/null || { echo "$name: dense does not run by itself" >&2; exit 1; }
echo "$name: packing ..." >&2
XZ_OPT='-6 -T0' tar -C "$(dirname "$out")" --owner=0 --group=0 -cJf "$out.tar.xz" "$(basename "$out")"
bytes=$(stat -c %s "$out.tar.xz")
echo "$out.tar.xz: $((bytes / 1000000)).$((bytes / 100000 % 10)) MB ($(du -sm "$out" | cut -f1) MB unpacked)"
if [ "$bytes" -gt 60000000 ]; then
  echo "$name: it is larger than 60 MB" >&2
  exit 1
fi
