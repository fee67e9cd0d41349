/** Tables in text: lines of fields, perhaps below a header, whose columns are told by --columns or by their usual names.
 *
 *  A header is a first line whose fields all look like names: they begin with a letter or _ and are no numbers, no truth values and
 *  no words for "missing"; its first field may be empty, as pandas writes an index. Lines that begin with # or % are comments.
 */
#ifndef HG_IO_TEXT_TABLE_H
#define HG_IO_TEXT_TABLE_H

#include "base/notes.h"
#include "io/text/text.h"

/** What a column may be for; each kind of table has a list, ended by one without a key. */
struct hg_column_role {
    /** In --columns KEY=NAME; "": columns with these names are an index, which is not read. */
    const char *key;
    /** Usual names, in small letters and digits alone, ended by NULL; NULL: none. */
    const char *const *names;
};

enum { HG_COLUMN_ROLES = 4 };

/** Of a column that has no role: not read; of one that numbers the lines: in the first place without a name, or with a name for that. */
enum { HG_COLUMN_UNUSED = -1, HG_COLUMN_INDEX = -2 };

struct hg_table {
    struct hg_text text;
    bool keep_blank; /**< blank lines count */
    char separator;
    int64_t columns;                /**< fields of a line; 0: nothing but blank lines */
    char *header;                   /**< the header's line, in pieces; NULL: none */
    char **name;                    /**< [columns] in `header` */
    char **field;                   /**< [columns] of the line that was split last */
    int8_t *role;                   /**< [columns] place in the list of roles, or HG_COLUMN_... */
    int64_t count[HG_COLUMN_ROLES]; /**< columns of each role */
    bool chosen;                    /**< --columns named one of the roles */
    char *waiting;                  /**< a line that was read while looking for the header */
    int64_t blank;                  /**< blank lines before it, not yet given out */
    char empty[1];                  /**< one of them */
};

/** Opens a table and reads its header, if it has one. hg_table_close in any case. Local. */
hg_status hg_table_open(const char *path, bool keep_blank, struct hg_table *table);
void hg_table_close(struct hg_table *table);

/** Gives columns their roles: those that `chosen` names (the text of --columns: KEY=NAME,..., keys may repeat; NULL: nothing), else, in a
 *  header, by usual names. NAME is a column's name, or its number from 1 where there is no header. Fails where --columns names a column
 *  that is not there; a table of one column has no ids beside it. Local. */
hg_status hg_table_assign(struct hg_table *table, const struct hg_column_role *roles, const char *chosen);

/** The first column of a role; -1: none. Local. */
int64_t hg_table_column(const struct hg_table *table, int role);

/** Notes the header, which columns serve as what where their names do not say it, and which are left out. Local. */
void hg_table_note(const struct hg_table *table, const struct hg_column_role *roles, struct hg_notes *notes);

/** Fails with "FILE: why (header: a, b): say it with --columns EXAMPLE". Local. */
hg_status hg_table_unclear(const struct hg_table *table, const char *why, const char *example);

/** The next line that is no comment and, unless keep_blank, not blank; NULL at the end. Local. */
hg_status hg_table_next(struct hg_table *table, char **line);

/** Splits the line into table->field; fails unless it has as many fields as the table has columns. Local. */
hg_status hg_table_split(struct hg_table *table, char *line);

/** Checks the text of --columns on its own: KEY=NAME,... with known keys. Local. */
hg_status hg_columns_check(const char *chosen);

/** Whether a field can be a column's name, as above. Local. */
bool hg_column_name(const char *field);

/** Whether a column of this name has the role: --columns says so, or, where it says nothing of the role, usual names do. Local. */
bool hg_column_is(const struct hg_column_role *role, const char *chosen, const char *name);

/** Whether --columns names a column for `key`. Local. */
bool hg_columns_names(const char *chosen, const char *key);

#endif
