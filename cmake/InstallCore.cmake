# core as a library of its own for other programs: libengram_core, static and shared, its public headers, a
# pkg-config file and a CMake package. All of it is the install component `core`.

# What others may include; the headers that these include come along.
set(core_public_headers
    associative/hopfield.h
    associative/order_k.h
    attention/attention.h
    base/blas.h
    base/cpu.h
    base/memory.h
    base/product.h
    base/random.h
    base/status.h
    base/work.h
    kernels/kernels.h
    kernels/rates.h
    sequence/sequence.h)

# Adds to the list named by `headers` all that they include from core, directly or not.
function(core_add_included headers)
  set(known ${${headers}})
  set(unread ${known})
  while(unread)
    list(POP_FRONT unread header)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/core/${header})
    file(STRINGS ${PROJECT_SOURCE_DIR}/core/${header} included REGEX "^#include \"core/")
    list(TRANSFORM included REPLACE "^#include \"core/([^\"]*)\".*" "\\1")
    list(REMOVE_ITEM included ${known})
    list(APPEND known ${included})
    list(APPEND unread ${included})
  endwhile()
  set(${headers} ${known} PARENT_SCOPE)
endfunction()
core_add_included(core_public_headers)

# The names that these headers declare: of functions, whose declarations start a line and whose name clang-format keeps
# on the line of its type, and of data. Rules and dynamics are declared by lists of names.
function(core_declared_names out)
  set(names rule_* dynamics_*)
  foreach(header IN LISTS core_public_headers)
    file(READ ${PROJECT_SOURCE_DIR}/core/${header} text)
    string(REGEX REPLACE "/\\*([^*]|\\*+[^*/])*\\*+/" "" text "${text}")
    string(REGEX MATCHALL "\n[a-z][a-z0-9_ *]*[ *][a-z][a-z0-9_]*\\(" functions "${text}")
    list(FILTER functions EXCLUDE REGEX "static |typedef ")
    list(TRANSFORM functions REPLACE ".*[ *]([a-z][a-z0-9_]*)\\(" "\\1")
    list(APPEND names ${functions})
    string(REGEX MATCHALL "\nextern [^;]*" data "${text}")
    foreach(declaration IN LISTS data)
      string(REGEX REPLACE "\\[[^]]*\\]" "" declaration "${declaration}")
      string(REGEX MATCHALL "[a-z0-9_]+(,|$)" tables "${declaration}")
      list(TRANSFORM tables REPLACE "," "")
      list(APPEND names ${tables})
    endforeach()
  endforeach()
  list(REMOVE_DUPLICATES names)
  set(${out} ${names} PARENT_SCOPE)
endfunction()

# What the shared library shows: the public names, versioned by the SOVERSION, and nothing else. Versions
# before 1.0 promise nothing to each other, so the minor number belongs to it.
set(core_soversion ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set(core_version_script ${PROJECT_BINARY_DIR}/engram_core.map)
core_declared_names(core_exports)
list(JOIN core_exports ";\n    " core_exports_text)
file(CONFIGURE OUTPUT ${core_version_script} @ONLY
     CONTENT "ENGRAM_CORE_@core_soversion@ {\n  global:\n    @core_exports_text@;\n  local:\n    *;\n};\n")

# The shared library has the objects of the static one: those of core and those that core takes over.
get_target_property(core_objects core SOURCES)
list(FILTER core_objects INCLUDE REGEX "TARGET_OBJECTS")
get_target_property(core_libraries core LINK_LIBRARIES)
add_library(core_shared SHARED $<TARGET_OBJECTS:core> ${core_objects})
target_link_libraries(core_shared PRIVATE ${core_libraries})
target_link_options(core_shared PRIVATE -Wl,--version-script=${core_version_script})
set_target_properties(core_shared PROPERTIES OUTPUT_NAME engram_core VERSION ${PROJECT_VERSION} SOVERSION ${core_soversion}
                                             LINKER_LANGUAGE C LINK_DEPENDS ${core_version_script})

install(TARGETS core core_shared ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT core
                                 LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT core)
foreach(header IN LISTS core_public_headers)
  get_filename_component(folder ${header} DIRECTORY)
  install(FILES ${PROJECT_SOURCE_DIR}/core/${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/engram/core/${folder}
          COMPONENT core)
endforeach()

# Both files find the tree from where they lie themselves, so that it can be installed or moved anywhere.
set(core_pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
set(core_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/engram_core)
file(RELATIVE_PATH core_pkgconfig_to_prefix /${core_pkgconfig_dir} /)
file(RELATIVE_PATH core_package_to_prefix /${core_package_dir} /)

# The static library needs the OpenMP run time of the compiler that built it, which other compilers may not find.
set(core_openmp_dirs)
foreach(path IN LISTS OpenMP_C_LIBRARIES)
  get_filename_component(folder ${path} DIRECTORY)
  list(APPEND core_openmp_dirs ${folder})
endforeach()
list(REMOVE_DUPLICATES core_openmp_dirs)
list(TRANSFORM core_openmp_dirs PREPEND -L OUTPUT_VARIABLE core_openmp)
list(TRANSFORM OpenMP_C_LIB_NAMES PREPEND -l OUTPUT_VARIABLE core_openmp_names)
list(JOIN core_openmp " " core_openmp)
list(JOIN core_openmp_names " " core_openmp_names)
string(APPEND core_openmp " ${core_openmp_names}")
configure_file(${PROJECT_SOURCE_DIR}/cmake/engram_core.pc.in ${PROJECT_BINARY_DIR}/engram_core.pc @ONLY)
configure_file(${PROJECT_SOURCE_DIR}/cmake/engram_coreConfig.cmake.in ${PROJECT_BINARY_DIR}/engram_coreConfig.cmake @ONLY)
include(CMakePackageConfigHelpers)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/engram_coreConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/engram_core.pc DESTINATION ${core_pkgconfig_dir} COMPONENT core)
install(FILES ${PROJECT_BINARY_DIR}/engram_coreConfig.cmake ${PROJECT_BINARY_DIR}/engram_coreConfigVersion.cmake
        DESTINATION ${core_package_dir} COMPONENT core)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/core/examples DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT core)
