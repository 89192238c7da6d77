/* A program of somebody else's, in C. */
#include <connarena/connarena.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  connarena_options options = {0};
  connarena_t arena;
  char* text;
  int works;
  options.name = "consumer";
  arena = connarena_create(&options);
  text = connarena_malloc(arena, 16);
  strcpy(text, "hello");
  works = connarena_of(text) == arena && connarena_usable_size(text) >= 16;
  works = works && connarena_close(arena) == 0 && strcmp(text, "hello") == 0;
  connarena_free(text);
  puts(works ? "consumer works" : "consumer fails");
  return works ? 0 : 1;
}
