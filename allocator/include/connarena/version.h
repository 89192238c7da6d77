/* version.h - which connarena these headers belong to.
 *
 * The build reads it here. Before 1.0 a minor version may change the interface. */
#ifndef CONNARENA_VERSION_H
#define CONNARENA_VERSION_H

#define CONNARENA_VERSION_MAJOR 0
#define CONNARENA_VERSION_MINOR 1
#define CONNARENA_VERSION_PATCH 0
#define CONNARENA_VERSION_STRING "0.1.0"

/** For comparisons: #if CONNARENA_VERSION >= 200 asks for 0.2.0. */
#define CONNARENA_VERSION \
  (CONNARENA_VERSION_MAJOR * 10000 + CONNARENA_VERSION_MINOR * 100 + CONNARENA_VERSION_PATCH)

#endif /* CONNARENA_VERSION_H */
