// early_malloc.c - a library whose constructor calls malloc, before the program's or the
// preload library's run.
#include <stdlib.h>

static void* volatile kept;

__attribute__((constructor)) static void call_malloc(void) { kept = malloc(72); }

int early_malloc_has_run(void) { return kept != NULL; }
