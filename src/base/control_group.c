#include "base/control_group.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

/** What hg_control_groups was asked for. */
struct search {
    const char *root, *controller;
    hg_control_group_visit *visit;
    void *context;
};

/* Visits the group's folder and the folders that contain it, up to and including `root`. */
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

/* Whether `controller` is in a list of names separated by commas. */
static bool is_listed(const char *controllers, const char *controller)
{
    const size_t bytes = strlen(controller);
    for (const char *word = controllers; word != NULL; word = strchr(word, ','), word += word != NULL)
        if (strncmp(word, controller, bytes) == 0 && (word[bytes] == ',' || word[bytes] == '\0')) return true;
    return false;
}

/* A line of /proc/self/cgroup is NUMBER:CONTROLLERS:PATH. An empty list of controllers means version 2. In version 1
 * a hierarchy is mounted under its list of controllers ("cpu,cpuacct") or under one of them. */
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
