# packages.cmake - the packages of Debian and of those that use RPM, by cpack:
#   cmake --preset package && cmake --build --preset package && cpack --preset deb
#   cmake --preset package-rpm && cmake --build --preset package-rpm && cpack --preset rpm
#
#   connarena          what runs programs under the preload library, and watches them
#   libconnarena0.1    the shared library; RPM: connarena-libs
#   libconnarena-dev   what programs are built with; RPM: connarena-devel

set(CPACK_PACKAGE_NAME connarena)
set(CPACK_PACKAGE_VENDOR "The connarena authors")
set(CPACK_PACKAGE_CONTACT "The connarena authors <connarena@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "one memory arena per network connection")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL runtime library development)
set(CPACK_STRIP_FILES ON)

set(about "Every network connection gets a memory arena of its own, whose memory
goes back to the system when the connection closes.")
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "${about}
This package runs unmodified programs so, and shows what their
connections hold.")
set(CPACK_COMPONENT_LIBRARY_DESCRIPTION "${about}
This package has the library that programs are linked to.")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "${about}
This package has what programs in C and C++ are built with.")

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME connarena)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION utils)
# Named after the interface: that of the next one is another package, and programs that are
# linked to this one keep theirs beside it.
get_target_property(interface_version connarena SOVERSION)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libconnarena${interface_version})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libconnarena-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
  "${CPACK_DEBIAN_LIBRARY_PACKAGE_NAME} (= ${PROJECT_VERSION}-1)")

set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE MIT)
set(CPACK_RPM_RUNTIME_PACKAGE_NAME connarena)
set(CPACK_RPM_LIBRARY_PACKAGE_NAME connarena-libs)
set(CPACK_RPM_DEVELOPMENT_PACKAGE_NAME connarena-devel)
set(CPACK_RPM_DEVELOPMENT_PACKAGE_REQUIRES "connarena-libs = ${PROJECT_VERSION}")
foreach(part RUNTIME LIBRARY DEVELOPMENT)
  set(CPACK_RPM_${part}_USER_FILELIST
    "%license /usr/share/licenses/${CPACK_RPM_${part}_PACKAGE_NAME}/LICENSE")
endforeach()
# Folders that are there already.
foreach(folder cmake pkgconfig)
  list(APPEND CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /usr/${CMAKE_INSTALL_LIBDIR}/${folder})
endforeach()
foreach(folder bash-completion bash-completion/completions licenses man man/man1 man/man3)
  list(APPEND CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /usr/share/${folder})
endforeach()

# What follows only packages have: `cmake --install` leaves it out.
set(made ${PROJECT_BINARY_DIR}/packages)

# connarena_compress(file name): in `made`, as Debian wants it.
function(connarena_compress file name)
  execute_process(COMMAND gzip -9nc ${file} OUTPUT_FILE ${made}/${name}
    COMMAND_ERROR_IS_FATAL ANY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
endfunction()

# The dynamic linker's cache, and what programs that are linked to the library depend on. cpack
# adds scripts that bring the cache up to date a second time, and cannot be told not to.
file(WRITE ${made}/triggers "activate-noawait ldconfig\n")
file(WRITE ${made}/shlibs "libconnarena ${interface_version} "
  "${CPACK_DEBIAN_LIBRARY_PACKAGE_NAME} (>= ${PROJECT_VERSION})\n")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA ${made}/triggers)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${made}/triggers ${made}/shlibs)

string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(cmake/packages/changelog.in ${made}/changelog @ONLY)
connarena_compress(${made}/changelog changelog.Debian.gz)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/packages/own_files.cmake)
set(CPACK_CONNARENA_CHANGELOG ${made}/changelog.Debian.gz)

install(DIRECTORY docs/examples
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/connarena
  COMPONENT development EXCLUDE_FROM_ALL)

foreach(manual shim/documents/connarena.1 allocator/documents/connarena.3)
  cmake_path(GET manual FILENAME page)
  string(REGEX MATCH "[0-9]$" section ${page})
  connarena_compress(${PROJECT_SOURCE_DIR}/${manual} ${page}.gz)
  set(component_of_1 runtime)
  set(component_of_3 development)
  install(FILES ${made}/${page}.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section}
    COMPONENT ${component_of_${section}} EXCLUDE_FROM_ALL)
endforeach()

include(CPack)
