#!/bin/sh
# Runs the tests whose names have one of the given parts in them, and none of those that begin with '!'; all, without. The last line is
# "N passed, N failed". DENSE_TEST_DEVICE, DENSE_FIXTURES and the others count here too.
here=$(dirname "$(readlink -f "$0")")
exec "$here/bin/DenseEngine.Tests" "$@"
