#!/bin/sh
# Layout of the code, mistakes in scripts, rules of the house. Needs clang-format and shellcheck
# (jobs/install-deps.sh --dev). `tests/style.sh --fix` lets clang-format rewrite what it would lay out otherwise.
set -eu
cd "$(dirname "$0")/.."
check='--dry-run --Werror'
[ "${1:-}" = --fix ] && check=-i

# shellcheck disable=SC2086 # options, and names without blanks
git ls-files '*.c' '*.h' | xargs clang-format $check
{
    git ls-files '*.sh' '*.sbatch'
    echo .ci/run
} | xargs shellcheck
tests/structure.sh
