# portfile.cmake - the library by vcpkg, from the clone that this lies in:
#   vcpkg install connarena --overlay-ports=cmake/packages/vcpkg
#
# A registry takes it with vcpkg_from_github or vcpkg_from_git in place of this line.
get_filename_component(SOURCE_PATH ${CMAKE_CURRENT_LIST_DIR}/../../../.. ABSOLUTE)

# Whether it is shared or static is the triplet's choice. The resources over jemalloc and mimalloc
# are left out: what is found on the machine would decide.
vcpkg_cmake_configure(
  SOURCE_PATH ${SOURCE_PATH}
  OPTIONS
    -DCONNARENA_BUILD_SHIM=OFF
    -DCONNARENA_JEMALLOC_LIBRARY=OFF
    -DCONNARENA_MIMALLOC_LIBRARY=OFF)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/connarena)
vcpkg_fixup_pkgconfig()

file(REMOVE_RECURSE ${CURRENT_PACKAGES_DIR}/debug/include ${CURRENT_PACKAGES_DIR}/debug/share)
file(INSTALL ${CMAKE_CURRENT_LIST_DIR}/usage DESTINATION ${CURRENT_PACKAGES_DIR}/share/${PORT})
vcpkg_install_copyright(FILE_LIST ${SOURCE_PATH}/LICENSE)
