# graphc_add_library(name GRAPH graph.json [WEIGHTS weights.safetensors] [TARGET level] [OPTIONS option...])
#
# Builds the graph with graphc and gives a target `name` to link: its header name.h, libname.a and libm.
#   GRAPH, WEIGHTS  paths, relative to the calling CMakeLists.txt; files that the graph names are found by graphc itself (depfile)
#   TARGET          instruction set levels as in graphc build --target: native, or some of what `graphc targets` lists, with commas (default: all)
#   OPTIONS         further options of graphc build, such as -g
# The compiler is the target `graphc` of this build if there is one, else GRAPHC_EXECUTABLE, else a graphc found in PATH.
# Files lie in ${CMAKE_CURRENT_BINARY_DIR}/graphc/name; libname.so and name.manifest.json stand beside the archive.
# A mistake in the graph is an error of the build, at file:line:column of the JSON. Needs CMake 3.20 (depfiles for Makefiles too).

cmake_policy(PUSH)
cmake_policy(VERSION 3.20) # CMP0116 (depfiles relative to the binary folder) is the one that matters

function(graphc_add_library name)
  cmake_parse_arguments(PARSE_ARGV 1 A "" "GRAPH;WEIGHTS;TARGET" "OPTIONS")
  if(NOT name MATCHES "^[A-Za-z_][A-Za-z0-9_]*$")
    message(FATAL_ERROR "graphc_add_library: '${name}' is no C identifier, and it begins every symbol of the library")
  elseif(A_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "graphc_add_library(${name}): unknown arguments: ${A_UNPARSED_ARGUMENTS}")
  elseif(NOT A_GRAPH)
    message(FATAL_ERROR "graphc_add_library(${name}): GRAPH is missing")
  endif()
  if(TARGET graphc)
    set(compiler graphc) # a target as COMMAND: built first, and a new compiler builds the library again
  else()
    find_program(GRAPHC_EXECUTABLE graphc)
    if(NOT GRAPHC_EXECUTABLE)
      message(FATAL_ERROR "graphc_add_library(${name}): graphc not found; set GRAPHC_EXECUTABLE")
    endif()
    set(compiler ${GRAPHC_EXECUTABLE})
  endif()

  get_filename_component(graph "${A_GRAPH}" ABSOLUTE)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/graphc/${name})
  set(archive ${folder}/lib${name}.a)
  set(depends ${graph} ${compiler})
  set(arguments build ${graph} -o ${folder} --name ${name} --depfile=${folder}.d)
  if(A_WEIGHTS)
    get_filename_component(weights "${A_WEIGHTS}" ABSOLUTE)
    list(APPEND arguments --weights ${weights})
    list(APPEND depends ${weights})
  endif()
  if(A_TARGET)
    list(APPEND arguments --target=${A_TARGET})
  endif()
  list(APPEND arguments ${A_OPTIONS})
  file(MAKE_DIRECTORY ${folder}) # include folders of imported targets must exist at configure time

  add_custom_command(
    OUTPUT ${archive} ${folder}/${name}.h
    BYPRODUCTS ${folder}/lib${name}.so ${folder}/${name}.manifest.json
    COMMAND ${compiler} ${arguments}
    DEPENDS ${depends}
    DEPFILE ${folder}.d
    COMMENT "Compiling graph ${A_GRAPH}"
    VERBATIM)
  add_custom_target(${name}_graphc ALL DEPENDS ${archive} ${folder}/${name}.h)

  add_library(${name} STATIC IMPORTED GLOBAL)
  set_target_properties(${name} PROPERTIES
    IMPORTED_LOCATION ${archive}
    INTERFACE_INCLUDE_DIRECTORIES ${folder}
    INTERFACE_LINK_LIBRARIES m)
  add_dependencies(${name} ${name}_graphc)
endfunction()

cmake_policy(POP)
