/** Reads tables in text: lines of fields, with or without a header. Columns are identified by --columns or by usual
 *  names.
 *
 *  A header is a first line whose fields all look like names: they begin with a letter or _ and are not numbers,
 *  truth values or words for "missing". Its first field may be empty: pandas writes the header of an index like that.
 *  Lines that begin with # or % are comments.
 */
#ifndef HG_IO_TEXT_TABLE_H
#define HG_IO_TEXT_TABLE_H

#include "base/notes.h"
#include "io/text/text.h"

/** A role that a column may have. Each kind of table has a list of roles, which ends with a key of NULL. */
struct hg_column_role {
    /** KEY of --columns KEY=NAME; "": columns with these names are an index, which is not read. */
    const char *key;
    /** Usual names, in lower-case letters and digits only, ended by NULL; NULL: none. */
    const char *const *names;
};

enum { HG_COLUMN_ROLES = 4 };

/** Columns without a role: one that is not read; one that numbers the lines (a first column without a name, or a
 *  column with a name of an index). */
enum { HG_COLUMN_UNUSED = -1, HG_COLUMN_INDEX = -2 };

struct hg_table {
    struct hg_text text;
    bool keep_blank; /**< blank lines are returned */
    char separator;
    int64_t columns;                /**< fields per line; 0: the file has no line with fields */
    char *header;                   /**< the header's line, split into fields; owned; NULL: none */
    char **name;                    /**< [columns] the fields of `header`; NULL without a header */
    char **field;                   /**< [columns] fields of the line that was split last */
    int8_t *role;                   /**< [columns] index in the list of roles, or HG_COLUMN_... */
    int64_t count[HG_COLUMN_ROLES]; /**< number of columns of each role */
    bool chosen;                    /**< --columns names a column of this table */
    char *first_line; /**< first line with fields, when it is not a header and not yet returned */
    int64_t blank;    /**< blank lines before it, not yet returned */
    char empty[1];    /**< what is returned for each of them */
};

/** Opens a table and reads its header, if it has one. Call hg_table_close also after a failure. Local. */
hg_status hg_table_open(const char *path, bool keep_blank, struct hg_table *table);
void hg_table_close(struct hg_table *table);

/** Assigns roles to columns: by `chosen`, the text of --columns (KEY=NAME,..., a key may occur several times; NULL:
 *  none); roles that it does not name, by the usual names in the header. NAME is a column's name or, without a
 *  header, its number from 1. Fails when there is no such column. The key "id" is ignored for a table of one column.
 *  Local. */
hg_status hg_table_assign(struct hg_table *table, const struct hg_column_role *roles, const char *chosen);

/** The first column with a role; -1: none. Local. */
int64_t hg_table_column(const struct hg_table *table, int role);

/** Notes the header, the roles of columns whose names differ from the role's key, and the columns that are not read.
 *  Local. */
void hg_table_note(const struct hg_table *table, const struct hg_column_role *roles, struct hg_notes *notes);

/** Always fails: "FILE: why (header: a, b): say it with --columns EXAMPLE". Local. */
hg_status hg_table_unclear(const struct hg_table *table, const char *why, const char *example);

/** Reads the next line below the header that is not a comment and, unless keep_blank, not blank; NULL at the end.
 *  Local. */
hg_status hg_table_next(struct hg_table *table, char **line);

/** Byte of the text at which the first line starts that hg_table_next has not returned (of blank lines that are kept:
 *  at which the first line with fields starts), and the number of lines before it. Local. */
int64_t hg_table_position(const struct hg_table *table, int64_t *lines);

/** Splits the line into table->field; fails unless it has as many fields as the table has columns. Local. */
hg_status hg_table_split(struct hg_table *table, char *line);

/** Checks the syntax of the text of --columns, KEY=NAME,..., and its keys. Local. */
hg_status hg_columns_check(const char *chosen);

/** Whether a field looks like a column's name (see the top of this file). Local. */
bool hg_column_name(const char *field);

/** Whether a column of this name has the role: by --columns or, when that does not name the role, by usual names.
 *  Local. */
bool hg_column_is(const struct hg_column_role *role, const char *chosen, const char *name);

/** Whether --columns names a column for `key`. Local. */
bool hg_columns_names(const char *chosen, const char *key);

#endif
