#include "cli/did_you_mean.h"

#include "base/types.h"
#include <ctype.h>
#include <string.h>

enum { WORD = 64 };

static int min3(int a, int b, int c)
{
    const int ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Ignores case, and the difference between _ and -. */
static int fold(char c)
{
    return c == '_' ? '-' : tolower((unsigned char)c);
}

/* Optimal string alignment distance, with three rows of the dynamic programming table. */
int hg_edit_distance(const char *a, const char *b)
{
    int rows[3][WORD];
    const int n = (int)strnlen(a, WORD - 1), m = (int)strnlen(b, WORD - 1);
    for (int j = 0; j <= m; j++) rows[0][j] = j;
    for (int i = 1; i <= n; i++) {
        int *row = rows[i % 3], *above = rows[(i + 2) % 3], *second = rows[(i + 1) % 3];
        row[0] = i;
        for (int j = 1; j <= m; j++) {
            row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + (fold(a[i - 1]) != fold(b[j - 1])));
            const bool swapped =
                i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) && fold(a[i - 2]) == fold(b[j - 1]);
            if (swapped && second[j - 2] + 1 < row[j]) row[j] = second[j - 2] + 1;
        }
    }
    return rows[n % 3][m];
}

/* Largest distance at which words count as similar: a third of the longer one, at least 1. */
static int most_edits(size_t a, size_t b)
{
    const size_t longer = a > b ? a : b;
    return longer < 6 ? 1 : (int)(longer / 3);
}

/* Whether a word begins with `start`, as --epochs begins with --epoch, and evaluate with eval. */
static bool is_start(const char *start, const char *whole)
{
    while (*start != '\0' && fold(*start) == fold(*whole)) start++, whole++;
    return *start == '\0';
}

void hg_suggestion_offer(struct hg_suggestion *nearest, const char *candidate, const char *answer)
{
    const size_t word = strlen(nearest->word), length = strlen(candidate);
    const bool begun = (word >= 3 && is_start(nearest->word, candidate)) ||
                       (length >= 4 && 2 * length >= word && is_start(candidate, nearest->word));
    const int edits = hg_edit_distance(nearest->word, candidate), distance = begun && edits > 1 ? 1 : edits;
    if (distance > most_edits(word, length)) return;
    if (nearest->best != NULL && distance >= nearest->distance) return;
    nearest->best = answer;
    nearest->distance = distance;
}
