#!/bin/sh
# Checks the format of the code, the length of lines, common mistakes in C and in scripts, and the rules of
# CONTRIBUTING.md. Needs clang-format, clang-tidy, cppcheck and shellcheck (jobs/install-deps.sh --dev), and the headers
# of the libraries.
# `tests/style.sh --fix` lets clang-format rewrite files in its format.
set -eu
cd "$(dirname "$0")/.."
check='--dry-run --Werror'
[ "${1:-}" = --fix ] && check=-i

# shellcheck disable=SC2086 # options, and names without blanks
git ls-files '*.c' '*.h' | xargs clang-format $check
# no line of a text file is longer than 120 columns (bytes); drawings are left out
LC_ALL=C git grep -InE '.{121}' -- ':!*.svg' | sed 's/^\([^:]*:[0-9]*\):.*/\1: longer than 120 columns/' |
    grep . && exit 1
{
    git ls-files '*.sh' '*.sbatch'
    echo .ci/run
} | xargs -P "$(nproc)" -n 8 shellcheck --external-sources
tests/structure.sh

# Mistakes in C. Kernels are not checked: cppcheck does not understand their macros; their naive twins and the
# sanitizers test them. It does not understand jansson's macros either, and takes what sscanf writes for unset.
git ls-files 'src/*.c' 'partition/*.c' 'io/*.c' | grep -v '^src/kernels/' | xargs -P "$(nproc)" -n 8 tests/tidy.sh
cppcheck -j "$(nproc)" --quiet --error-exitcode=1 --std=c11 --enable=warning,portability \
    --suppress=unknownMacro:src/cli/show.c -U__clang__ -i src/kernels -I src -I . src partition io

# links between pages lead somewhere
git ls-files '*.md' | while read -r page; do
    grep -o '](\([^)#:]*\))' "$page" | sed 's/^](//; s/)$//' | while read -r link; do
        [ -e "$(dirname "$page")/$link" ] || {
            echo "$page: no such page: $link"
            exit 1
        }
    done
done

# shellcheck disable=SC2016 # backticks of Markdown
# the functions that docs/architecture.md names exist
grep -o '`[a-z_]*`' docs/architecture.md | tr -d '\`' | grep '_' | sort -u | while read -r name; do
    grep -rqw "$name" src io partition || {
        echo "docs/architecture.md: no such function: $name"
        exit 1
    }
done
