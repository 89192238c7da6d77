/* plug_in_host FILE [MODE...] - a C program that loads a plug-in and calls it.
 *
 * Modes are dlopen's, by name: deepbind. The plug-in's plug_in_main gets a block of
 * malloc. Exit codes: 0 to 9 as plug_in_main says, 20 the plug-in cannot be loaded. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int count, char** words) {
  int mode = RTLD_NOW | RTLD_LOCAL;
  for (int i = 2; i < count; ++i) {
    if (strcmp(words[i], "deepbind") == 0) mode |= RTLD_DEEPBIND;
  }
  void* const plug_in = count > 1 ? dlopen(words[1], mode) : NULL;
  if (plug_in == NULL) {
    fprintf(stderr, "%s\n", count > 1 ? dlerror() : "no plug-in");
    return 20;
  }
  int (*plug_in_main)(void*) = NULL;
  *(void**)&plug_in_main = dlsym(plug_in, "plug_in_main");
  return plug_in_main(malloc(8192));
}
