# folders.cmake - where things go below the prefix, as GNUInstallDirs has it, and how
# a target gets there.

# The folder of the libraries is `lib` on every machine unless the builder says
# another one, or this is part of another project: the documentation names it. Below /usr it
# is where the distribution has it.
if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_INSTALL_PREFIX STREQUAL "/usr"
   AND NOT DEFINED CMAKE_INSTALL_LIBDIR)
  set(CMAKE_INSTALL_LIBDIR lib CACHE PATH "Folder of the libraries, below the prefix or absolute")
endif()
include(GNUInstallDirs)

set(connarena_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/connarena)

# connarena_install(PART target...): each is a component of the CMake package, in a file of
# its own: a distribution may put them into packages that are not all there. PART is which of
# those has it: runtime, library or development. A library's own package has the file alone
# that programs load.
function(connarena_install part)
  set(cmake_part ${part})
  if(part STREQUAL library)
    set(cmake_part development)
  endif()
  foreach(target IN LISTS ARGN)
    get_target_property(component ${target} EXPORT_NAME)
    install(TARGETS ${target}
      EXPORT connarena_${component}
      LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        COMPONENT ${part} NAMELINK_COMPONENT ${cmake_part}
      ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development
      RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT ${part})
    install(EXPORT connarena_${component}
      FILE connarena-${component}.cmake
      NAMESPACE connarena::
      DESTINATION ${connarena_package_dir}
      COMPONENT ${cmake_part})
  endforeach()
endfunction()

# connarena_way(VARIABLE FROM to): from one of those folders to another, or to the
# prefix if `to` is empty. Relative, so that the prefix can be moved, unless one of
# the two stays where it is when the prefix moves.
function(connarena_way variable from to)
  cmake_path(ABSOLUTE_PATH from BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}" NORMALIZE
    OUTPUT_VARIABLE start)
  cmake_path(ABSOLUTE_PATH to BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}" NORMALIZE
    OUTPUT_VARIABLE way)
  if(NOT IS_ABSOLUTE "${from}" AND NOT IS_ABSOLUTE "${to}")
    file(RELATIVE_PATH way "${start}" "${way}")
  endif()
  set(${variable} "${way}" PARENT_SCOPE)
endfunction()
