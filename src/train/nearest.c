#include "train/nearest.h"

#include "base/types.h"
#include <string.h>

enum { WORD = 64 };

static int min3(int a, int b, int c)
{
    const int ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Optimal string alignment, three rows of the table. */
int hg_edit_distance(const char *a, const char *b)
{
    int rows[3][WORD];
    const int n = (int)strnlen(a, WORD - 1), m = (int)strnlen(b, WORD - 1);
    for (int j = 0; j <= m; j++) rows[0][j] = j;
    for (int i = 1; i <= n; i++) {
        int *row = rows[i % 3], *above = rows[(i + 2) % 3], *second = rows[(i + 1) % 3];
        row[0] = i;
        for (int j = 1; j <= m; j++) {
            row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped && second[j - 2] + 1 < row[j]) row[j] = second[j - 2] + 1;
        }
    }
    return rows[n % 3][m];
}

void hg_nearest_offer(struct hg_nearest *nearest, const char *candidate, const char *answer)
{
    const size_t length = strlen(nearest->word);
    const bool prefix = length >= 2 && strncmp(nearest->word, candidate, length) == 0;
    const int edits = hg_edit_distance(nearest->word, candidate), distance = prefix && edits > 1 ? 1 : edits;
    const int limit = nearest->best != NULL ? nearest->distance - 1 : 1 + (int)(length / 3);
    if (distance > limit) return;
    nearest->best = answer;
    nearest->distance = distance;
}
