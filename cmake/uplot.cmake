# uplot.cmake - finds uPlot, which draws the charts of `connarena report --html`: where
# CONNARENA_UPLOT_DIR says, or by npm, in the one version that is wanted, whose sum is checked.
#
# Sets CONNARENA_UPLOT to its folder; to nothing if it is not to be had.

set(uplot_version 1.6.32)
# What npm calls its integrity, in hexadecimal digits.
string(CONCAT uplot_sum
  2883159c6ebccefbb95d751b0b82d010f9e1c0ec41b8bc96d401eda66e882935
  c89a46cb824332fa369b8cb8122cc6ac36e186cd09bf7a9ded3a4c93c6989023)

set(CONNARENA_UPLOT_DIR "" CACHE PATH "Folder of an unpacked uPlot ${uplot_version}; else npm fetches it")
set(CONNARENA_UPLOT)
set(uplot_fetched ${PROJECT_BINARY_DIR}/uplot)
set(uplot_archive ${uplot_fetched}/uplot-${uplot_version}.tgz)

if(CONNARENA_UPLOT_DIR)
  set(CONNARENA_UPLOT ${CONNARENA_UPLOT_DIR})
else()
  find_program(CONNARENA_NPM npm)
  mark_as_advanced(CONNARENA_NPM)
  if(CONNARENA_NPM AND NOT EXISTS ${uplot_archive})
    file(MAKE_DIRECTORY ${uplot_fetched})
    execute_process(
      COMMAND ${CONNARENA_NPM} pack uplot@${uplot_version} --silent
      WORKING_DIRECTORY ${uplot_fetched} TIMEOUT 120 OUTPUT_QUIET ERROR_QUIET)
  endif()
  if(EXISTS ${uplot_archive})
    file(SHA512 ${uplot_archive} uplot_found_sum)
    if(NOT uplot_found_sum STREQUAL uplot_sum)
      message(FATAL_ERROR "${uplot_archive} is not the uPlot that is wanted: its sum is ${uplot_found_sum}")
    endif()
    if(NOT EXISTS ${uplot_fetched}/package)
      file(ARCHIVE_EXTRACT INPUT ${uplot_archive} DESTINATION ${uplot_fetched})
    endif()
    set(CONNARENA_UPLOT ${uplot_fetched}/package)
  endif()
endif()
if(NOT EXISTS "${CONNARENA_UPLOT}/dist/uPlot.iife.min.js")
  set(CONNARENA_UPLOT)
  message(STATUS "connarena report --html is left out: no uPlot, which npm fetches")
endif()
