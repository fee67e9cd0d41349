/** The control groups of a process (version 1 and 2), which limit what it may take.
 */
#ifndef HG_BASE_CONTROL_GROUP_H
#define HG_BASE_CONTROL_GROUP_H

/** What hg_control_groups calls for the folder of a group. */
typedef void hg_control_group_visit(const char *folder, void *context);

/** Calls visit for each control group of `controller` ("cpu", "memory") that `groups` names, a file as /proc/self/cgroup, and for those that
 *  contain it, below `root`, a folder as /sys/fs/cgroup. A folder may be missing: a container may see a group's path but not its folder.
 *  Local. */
void hg_control_groups(const char *groups, const char *root, const char *controller,
                       hg_control_group_visit *visit, void *context);

#endif
