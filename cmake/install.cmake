# install.cmake - the headers, the libraries, the CMake package and the pkg-config
# file. All are relocatable, unless a folder is given as an absolute one.
#
# The shim's folder installs its own library and program, the backends' theirs.

include(CMakePackageConfigHelpers)

install(DIRECTORY allocator/include/connarena DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  COMPONENT development)
# Packages have it compressed.
install(FILES allocator/documents/connarena.3 DESTINATION ${CMAKE_INSTALL_MANDIR}/man3
  COMPONENT manual)
connarena_install(library ${CONNARENA_LIBRARIES})

configure_package_config_file(
  cmake/connarenaConfig.cmake.in ${PROJECT_BINARY_DIR}/connarenaConfig.cmake
  INSTALL_DESTINATION ${connarena_package_dir})
configure_file(cmake/connarenaConfigVersion.cmake.in
  ${PROJECT_BINARY_DIR}/connarenaConfigVersion.cmake @ONLY)
install(FILES
  ${PROJECT_BINARY_DIR}/connarenaConfig.cmake
  ${PROJECT_BINARY_DIR}/connarenaConfigVersion.cmake
  DESTINATION ${connarena_package_dir}
  COMPONENT development)

foreach(each prefix libdir includedir)
  string(TOUPPER ${each} folder)
  connarena_way(pc_${each} ${CMAKE_INSTALL_LIBDIR}/pkgconfig "${CMAKE_INSTALL_${folder}}")
  if(NOT IS_ABSOLUTE "${pc_${each}}")
    set(pc_${each} "\${pcfiledir}/${pc_${each}}")
  endif()
endforeach()
set(pc_static_only)
if(NOT connarena IN_LIST CONNARENA_LIBRARIES)
  set(pc_static_only " -DCONNARENA_STATIC")
endif()
configure_file(cmake/connarena.pc.in ${PROJECT_BINARY_DIR}/connarena.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/connarena.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
  COMPONENT development)
