#include "base/build.h"

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { DIGEST_BYTES = 20 };

/** The build ids read so far, combined by exclusive or. */
struct search {
    uint8_t digest[DIGEST_BYTES];
    bool found, program_seen;
};

/* Combines the build id in one note segment (PT_NOTE), if there is one, with the ids read so far. */
static void read_notes(const char *notes, size_t bytes, struct search *search)
{
    const size_t header = sizeof(ElfW(Nhdr));
    for (size_t at = 0; at + header <= bytes;) {
        ElfW(Nhdr) note;
        memcpy(&note, notes + at, header);
        const char *name = notes + at + header;
        const size_t name_bytes = (note.n_namesz + 3u) & ~3u, id_bytes = (note.n_descsz + 3u) & ~3u;
        at += header + name_bytes + id_bytes;
        if (note.n_type != NT_GNU_BUILD_ID || name_bytes != 4 || at > bytes || memcmp(name, "GNU", 4) != 0)
            continue;
        for (size_t k = 0; k < note.n_descsz; k++)
            search->digest[k % DIGEST_BYTES] ^= (uint8_t)name[name_bytes + k];
        search->found = true;
    }
}

static bool holds(const struct dl_phdr_info *object, uintptr_t address)
{
    for (int k = 0; k < object->dlpi_phnum; k++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[k];
        const uintptr_t start = (uintptr_t)object->dlpi_addr + part->p_vaddr;
        if (part->p_type == PT_LOAD && address >= start && address - start < part->p_memsz) return true;
    }
    return false;
}

/* Called by dl_iterate_phdr for each loaded object. The first object is the program; of the shared libraries only the
 * one that contains this code is read, because system libraries may differ between hosts. */
static int on_object(struct dl_phdr_info *object, size_t bytes, void *context)
{
    struct search *search = context;
    (void)bytes;
    if (search->program_seen && !holds(object, (uintptr_t)&hg_build_id)) return 0;
    search->program_seen = true;
    for (int k = 0; k < object->dlpi_phnum; k++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[k];
        if (part->p_type == PT_NOTE)
            read_notes((const char *)((uintptr_t)object->dlpi_addr + part->p_vaddr), part->p_memsz, search);
    }
    return 0;
}

void hg_build_id(char id[HG_BUILD_ID_BYTES])
{
    struct search search = {.found = false};
    dl_iterate_phdr(on_object, &search);
    snprintf(id, HG_BUILD_ID_BYTES, "unknown");
    if (!search.found) return;
    for (size_t k = 0; k < DIGEST_BYTES; k++) snprintf(id + 2 * k, 3, "%02x", search.digest[k]);
}
