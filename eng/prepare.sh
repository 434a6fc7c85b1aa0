# Sourced by the scripts, which set $root and $name before: is the SDK there, and, once, can ILGPU's packages be had?
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
if ! command -v dotnet >/dev/null 2>&1 || ! dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; then
  echo "$name: the .NET 10 SDK is missing; get it from https://dotnet.microsoft.com/download" >&2
  exit 2
fi
mkdir -p "$root/artifacts"
ilgpu_stamp="$root/artifacts/ilgpu.tried"
if [ ! -f "$ilgpu_stamp" ]; then
  # The build looks for the packages in this folder (Directory.Build.props); what it finds decides the flavour.
  ilgpu_version=$(sed -n 's:.*<IlgpuVersion>\(.*\)</IlgpuVersion>.*:\1:p' "$root/Directory.Build.props")
  ilgpu_folder="${NUGET_PACKAGES:-$HOME/.nuget/packages}/ilgpu.algorithms/$ilgpu_version"
  if [ ! -d "$ilgpu_folder" ]; then
    echo "$name: asking NuGet for ILGPU $ilgpu_version (once) ..." >&2
    timeout 60 dotnet restore "$root/Engine" -p:IlgpuFlavor=packages -v q >"$root/artifacts/ilgpu.log" 2>&1 || true
    if [ -d "$ilgpu_folder" ]; then
      echo "$name: ILGPU $ilgpu_version is in the NuGet cache; kernels run on it" >&2
    else
      echo "$name: ILGPU's packages cannot be had; kernels run on the in-tree Ilgpu.Checked (to try again: rm artifacts/ilgpu.tried)" >&2
    fi
  fi
  touch "$ilgpu_stamp"
fi
