# What a build was made from, for the provenance of its results.
#
# engram_build_facts(TARGET) gives TARGET's sources a header "build_facts.h" that is looked after at every build,
# since the commit and the state of the tree change without CMake being run. As a script (cmake -P) this file
# writes that header.

if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(ENGRAM_BUILD_FACTS_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

  function(engram_build_facts target)
    set(folder ${PROJECT_BINARY_DIR}/build_facts)
    string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
    set(flags "${CMAKE_C_FLAGS} ${CMAKE_C_FLAGS_${type}}")
    string(STRIP "${flags}" flags)
    add_custom_target(build_facts
      COMMAND ${CMAKE_COMMAND} -D SOURCE=${PROJECT_SOURCE_DIR} -D OUTPUT=${folder}/build_facts.h
              -D BUILD_VERSION=${PROJECT_VERSION}
              "-D BUILD_COMPILER=${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION}"
              "-D BUILD_COMPILER_FLAGS=${flags}" -D BUILD_TYPE=${CMAKE_BUILD_TYPE}
              -D BUILD_SANITIZED=$<BOOL:${ENGRAM_SANITIZE}> -P ${ENGRAM_BUILD_FACTS_SCRIPT}
      BYPRODUCTS ${folder}/build_facts.h
      COMMENT "Looking at the state of the source tree"
      VERBATIM)
    add_dependencies(${target} build_facts)
    target_include_directories(${target} PRIVATE ${folder})
  endfunction()

  return()
endif()

# Git's own locks stay free for people who commit while a build runs.
find_program(GIT git)
set(BUILD_GIT_COMMIT unknown)
set(BUILD_GIT_DIRTY 0)
if(GIT)
  execute_process(COMMAND ${GIT} --no-optional-locks -C ${SOURCE} rev-parse HEAD
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  execute_process(COMMAND ${GIT} --no-optional-locks -C ${SOURCE} status --porcelain --untracked-files=no
                  OUTPUT_VARIABLE changes ERROR_QUIET)
  if(NOT failed)
    set(BUILD_GIT_COMMIT ${commit})
    if(changes)
      set(BUILD_GIT_DIRTY 1)
    endif()
  endif()
endif()
string(REGEX REPLACE "([\\\"])" "\\\\\\1" BUILD_COMPILER_FLAGS "${BUILD_COMPILER_FLAGS}")
configure_file(${CMAKE_CURRENT_LIST_DIR}/build_facts.h.in ${OUTPUT} @ONLY)
