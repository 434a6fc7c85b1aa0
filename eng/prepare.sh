# Sourced by the scripts, which set $root and $name before: is the SDK there, and, once, can ILGPU's and ImageSharp's packages be had?
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
if ! command -v dotnet >/dev/null 2>&1 || ! dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; then
  echo "$name: the .NET 10 SDK is missing; get it from https://dotnet.microsoft.com/download" >&2
  exit 2
fi
mkdir -p "$root/artifacts"

# Arguments: what it is called, the property with its version, its folder in the NuGet cache, project and property that ask for it, what
# happens with it and without it. The build looks for the packages in that folder (Directory.Build.props).
ask_once() {
  local stamp="$root/artifacts/$(echo "$1" | tr '[:upper:]' '[:lower:]').tried"
  if [ -f "$stamp" ]; then return; fi
  local version folder
  version=$(sed -n "s:.*<$2>\(.*\)</$2>.*:\1:p" "$root/Directory.Build.props")
  folder="${NUGET_PACKAGES:-$HOME/.nuget/packages}/$3/$version"
  if [ ! -d "$folder" ]; then
    echo "$name: asking NuGet for $1 $version (once) ..." >&2
    timeout 60 dotnet restore "$root/$4" "-p:$5" -v q >"${stamp%.tried}.log" 2>&1 || true
    if [ -d "$folder" ]; then
      echo "$name: $1 $version is in the NuGet cache; $6" >&2
    else
      echo "$name: $1's packages cannot be had; $7 (to try again: rm artifacts/${stamp##*/})" >&2
    fi
  fi
  touch "$stamp"
}
ask_once ILGPU IlgpuVersion ilgpu.algorithms Engine IlgpuFlavor=packages "kernels run on it" "kernels run on the in-tree Ilgpu.Checked"
ask_once ImageSharp ImageSharpVersion sixlabors.imagesharp Models ImageSharp=package \
  "GIF, TIFF, WebP and more are read through it" "JPEG, PNG, BMP and PNM are read all the same"
