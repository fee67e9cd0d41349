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
} | xargs shellcheck --external-sources
tests/structure.sh

# links between pages lead somewhere
git ls-files '*.md' | while read -r page; do
    grep -o '](\([^)#:]*\))' "$page" | sed 's/^](//; s/)$//' | while read -r link; do
        [ -e "$(dirname "$page")/$link" ] || {
            echo "$page: no such page: $link"
            exit 1
        }
    done
done
