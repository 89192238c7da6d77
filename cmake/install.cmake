# install.cmake - where things go below the prefix, the CMake package and the
# pkg-config file. Both are relocatable.
#
# The shim's folder installs its own library and program.

include(CMakePackageConfigHelpers)

install(DIRECTORY allocator/include/connarena DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS connarena connarena_static
  EXPORT connarena_targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/connarena)
install(EXPORT connarena_targets
  FILE connarenaTargets.cmake
  NAMESPACE connarena::
  DESTINATION ${package_dir})
configure_package_config_file(
  cmake/connarenaConfig.cmake.in ${PROJECT_BINARY_DIR}/connarenaConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/connarenaConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/connarenaConfig.cmake
  ${PROJECT_BINARY_DIR}/connarenaConfigVersion.cmake
  DESTINATION ${package_dir})

configure_file(cmake/connarena.pc.in ${PROJECT_BINARY_DIR}/connarena.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/connarena.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
