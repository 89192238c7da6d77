# own_files.cmake - what packages of one kind alone have: run by cpack between installing into its
# own folder, which has one for each component, and packing that. Debian has a copyright of its
# own format, a changelog of its own and overrides for lintian; RPM has the license.

set(readable OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER ${component} part)
  set(share ${CPACK_TEMPORARY_DIRECTORY}/${component}/usr/share)
  if(CPACK_GENERATOR STREQUAL DEB)
    file(COPY ${CMAKE_CURRENT_LIST_DIR}/copyright ${CPACK_CONNARENA_CHANGELOG}
      DESTINATION ${share}/doc/${CPACK_DEBIAN_${part}_PACKAGE_NAME} FILE_PERMISSIONS ${readable})
  elseif(CPACK_GENERATOR STREQUAL RPM)
    file(COPY ${CPACK_RESOURCE_FILE_LICENSE}
      DESTINATION ${share}/licenses/${CPACK_RPM_${part}_PACKAGE_NAME} FILE_PERMISSIONS ${readable})
  endif()
endforeach()
if(CPACK_GENERATOR STREQUAL DEB)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/lintian-overrides
    ${CPACK_TEMPORARY_DIRECTORY}/runtime/usr/share/lintian/overrides/connarena COPYONLY)
endif()
