/** The control groups (cgroups, version 1 and 2) of a process: Linux limits memory and processor time by them. */
#ifndef HG_BASE_CONTROL_GROUP_H
#define HG_BASE_CONTROL_GROUP_H

/** Called by hg_control_groups with the folder of a group. */
typedef void hg_control_group_visit(const char *folder, void *context);

/** Calls `visit` for each control group of `controller` ("cpu" or "memory") that the process is in, and for the
 *  groups that contain it.
 *
 *    groups  a file in the format of /proc/self/cgroup: the groups of the process
 *    root    the folder below which groups lie: /sys/fs/cgroup
 *
 *  A folder passed to `visit` may not exist: a container may see the path of a group, but not its folder. Local. */
void hg_control_groups(const char *groups, const char *root, const char *controller,
                       hg_control_group_visit *visit, void *context);

#endif
