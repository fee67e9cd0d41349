#include "base/control_group.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

/** What is looked for. */
struct search {
    const char *root, *controller;
    hg_control_group_visit *visit;
    void *context;
};

/* The group and those around it, up to `root`. */
static void visit_path(const struct search *search, const char *root, const char *group)
{
    char folder[PATH_BYTES];
    if (snprintf(folder, sizeof folder, "%s%s", root, group) >= (int)sizeof folder) return;
    for (size_t end = strlen(folder); end >= strlen(root); end--) {
        if (folder[end] != '/' && folder[end] != '\0') continue;
        folder[end] = '\0';
        search->visit(folder, search->context);
        if (end == 0) break;
    }
}

/* Whether a list of controllers, separated by commas, has the one looked for. */
static bool is_listed(const char *controllers, const char *controller)
{
    const size_t bytes = strlen(controller);
    for (const char *word = controllers; word != NULL; word = strchr(word, ','), word += word != NULL)
        if (strncmp(word, controller, bytes) == 0 && (word[bytes] == ',' || word[bytes] == '\0')) return true;
    return false;
}

/* A line is NUMBER:CONTROLLERS:PATH; no controllers: version 2. */
static void visit_line(const struct search *search, char *line)
{
    char folder[PATH_BYTES];
    char *controllers = strchr(line, ':'), *group = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
    if (group == NULL) return;
    *group++ = '\0';
    group[strcspn(group, "\n")] = '\0';
    if (*++controllers == '\0') {
        visit_path(search, search->root, group);
    } else if (is_listed(controllers, search->controller)) {
        snprintf(folder, sizeof folder, "%s/%s", search->root, controllers);
        if (access(folder, F_OK) != 0)
            snprintf(folder, sizeof folder, "%s/%s", search->root, search->controller);
        visit_path(search, folder, group);
    }
}

void hg_control_groups(const char *groups, const char *root, const char *controller,
                       hg_control_group_visit *visit, void *context)
{
    const struct search search = {root, controller, visit, context};
    char line[PATH_BYTES];
    FILE *file = fopen(groups, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) visit_line(&search, line);
    if (file != NULL) fclose(file);
}
