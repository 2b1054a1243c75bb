# A layer is a folder, a static library and an include root in one. Sources include other folders as
# "core/base/status.h"; a layer finds only the folders of the layers it links, so that the link list
# below each folder is the rule of who may use whom.

add_library(engram_options INTERFACE)
target_compile_options(engram_options INTERFACE -Wall -Wextra -Wpedantic -Werror)
# Loops that ask for vectors stay loops where little is optimised; clang would warn of each.
target_compile_options(engram_options INTERFACE $<$<C_COMPILER_ID:Clang>:-Wno-pass-failed>)
# POSIX and the few GNU extensions in use (argp, OFD locks) on top of ISO C11.
target_compile_definitions(engram_options INTERFACE _GNU_SOURCE)
if(ENGRAM_SANITIZE)
  target_compile_options(engram_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined
                                                  -fno-omit-frame-pointer)
  target_link_options(engram_options INTERFACE -fsanitize=address,undefined)
endif()

# engram_layer(NAME SOURCES ... USES layer|library ... HIDES library ...)
#   USES  appear in the layer's headers or are layers themselves; HIDES are seen by its sources only.
function(engram_layer name)
  cmake_parse_arguments(LAYER "" "" "SOURCES;USES;HIDES" ${ARGN})
  add_library(${name} STATIC ${LAYER_SOURCES})
  set_target_properties(${name} PROPERTIES OUTPUT_NAME engram_${name} POSITION_INDEPENDENT_CODE ON)
  set(root ${PROJECT_BINARY_DIR}/layers/${name})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${name} ${root}/${name} SYMBOLIC)
  target_include_directories(${name} PUBLIC $<BUILD_INTERFACE:${root}>)
  target_link_libraries(${name} PUBLIC ${LAYER_USES} PRIVATE engram_options ${LAYER_HIDES})
endfunction()
