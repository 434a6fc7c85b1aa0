#!/usr/bin/env bash
# Builds in Release and runs every test. Arguments go to `dotnet test`. The last line is "N passed, N failed".
set -uo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
name=test.sh
. "$root/eng/prepare.sh"
log="$root/artifacts/test-build.log" results="$root/artifacts/tests" errors="$root/artifacts/errors.txt"
rm -rf "$results" "$errors"
echo "test.sh: building ..." >&2
if ! dotnet build "$root/Tests" -c Release -v q --nologo >"$log" 2>&1; then
  grep -E 'error' "$log" | sort -u | head -20 >&2
  echo "test.sh: the build failed; artifacts/test-build.log has all of it" >&2
  echo "0 passed, 0 failed"
  exit 1
fi
dotnet test "$root/Tests" -c Release --no-build --nologo --results-directory "$results" \
  --logger "trx;LogFileName=tests.trx" --logger "console;verbosity=minimal" "$@"
status=$?
counters=$(grep -o '<Counters [^>]*' "$results/tests.trx" 2>/dev/null | head -1)
passed=$(sed -n 's/.* passed="\([0-9]*\)".*/\1/p' <<<"$counters")
failed=$(sed -n 's/.* failed="\([0-9]*\)".*/\1/p' <<<"$counters")
if [ -f "$errors" ]; then
  echo "Largest error of each group, as a share of what is allowed:"
  cat "$errors"
fi
echo "${passed:-0} passed, ${failed:-0} failed"
[ "$status" -eq 0 ] && [ "${passed:-0}" -gt 0 ] && [ "${failed:-0}" -eq 0 ]
