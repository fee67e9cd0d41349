/** Finds the first difference between two outcomes of a case. */
#ifndef HG_TESTS_MATRIX_COMPARE_H
#define HG_TESTS_MATRIX_COMPARE_H

#include "matrix_run.h"

/* A part of an outcome. */
struct matrix_view {
    char name[2 * HG_PARAM_NAME];
    const char *bytes;
    size_t count;
};

/* Reads the next part of an outcome; false at the end. */
static inline bool matrix_next(struct matrix_outcome *rest, struct matrix_view *part)
{
    int64_t count;
    if (rest->count == 0) return false;
    const char *end = memchr(rest->bytes, '\n', rest->count);
    assert_non_null(end);
    snprintf(part->name, sizeof part->name, "%.*s", (int)(end - rest->bytes), rest->bytes);
    memcpy(&count, end + 1, sizeof count);
    part->bytes = end + 1 + sizeof count;
    part->count = (size_t)count;
    rest->count -= (size_t)(part->bytes - rest->bytes) + part->count;
    rest->bytes += (size_t)(part->bytes - rest->bytes) + part->count;
    return true;
}

/* Writes the line around byte k of a text. */
static inline void matrix_line_at(FILE *report, const struct matrix_view *text, size_t k)
{
    size_t first = k < text->count ? k : text->count, last = first;
    while (first > 0 && text->bytes[first - 1] != '\n') first--;
    while (last < text->count && text->bytes[last] != '\n') last++;
    fprintf(report, "    %.*s\n", (int)(last - first), text->bytes + first);
}

static inline double matrix_number_at(const struct matrix_view *part, size_t k)
{
    hg_real value;
    memcpy(&value, part->bytes + k * sizeof value, sizeof value);
    return (double)value;
}

/* Writes where two parts first differ; false when they are equal. */
static inline bool matrix_part_differs(FILE *report, const struct matrix_view *is,
                                       const struct matrix_view *was)
{
    size_t k = 0;
    while (k < is->count && k < was->count && is->bytes[k] == was->bytes[k]) k++;
    if (k == is->count && k == was->count) return false;
    if (strcmp(is->name, "metrics.jsonl") == 0) {
        fprintf(report, "  metrics.jsonl has, for\n");
        matrix_line_at(report, was, k);
        fprintf(report, "  the line\n");
        matrix_line_at(report, is, k);
    } else if (is->count != was->count) {
        fprintf(report, "  %s: %zu bytes instead of %zu\n", is->name, is->count, was->count);
    } else {
        k /= sizeof(hg_real);
        fprintf(report, "  %s: number %zu of %zu is %a instead of %a\n", is->name, k,
                is->count / sizeof(hg_real), matrix_number_at(is, k), matrix_number_at(was, k));
    }
    return true;
}

/** Writes the first difference to `report`; false when there is none. Local. */
static inline bool matrix_differs(FILE *report, struct matrix_outcome is, struct matrix_outcome was)
{
    for (;;) {
        struct matrix_view part[2] = {{"", NULL, 0}, {"", NULL, 0}};
        const bool more = matrix_next(&is, &part[0]);
        if (more != matrix_next(&was, &part[1]) || strcmp(part[0].name, part[1].name) != 0) {
            fprintf(report, "  \"%s\" stands where \"%s\" was\n", part[0].name, part[1].name);
            return true;
        }
        if (!more) return false;
        if (matrix_part_differs(report, &part[0], &part[1])) return true;
    }
}

#endif
