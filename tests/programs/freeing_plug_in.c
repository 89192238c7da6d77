/* freeing_plug_in - a plug-in that takes over a block of the program's, and loads
 * another from a folder that only its own run path names.
 *
 * Returns 0, 1 where the other cannot be loaded. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

int plug_in_main(void* block) {
  free(realloc(block, 20000));
  if (dlopen("libinner_plug_in.so", RTLD_NOW | RTLD_DEEPBIND) != NULL) return 0;
  fprintf(stderr, "%s\n", dlerror());
  return 1;
}
