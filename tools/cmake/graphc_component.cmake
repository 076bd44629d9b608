# graphc_component(NAME LEVEL level [MLIR] SOURCES ... [USES ...] [LIBS ...] [DEPENDS ...])
# One static library per folder. A component may use only components of lower levels, so the stages of the compiler cannot see
# each other: they meet in the IR and in plain structs of compiler/support. Checked here at configure time for link dependencies
# and by tools/dev/check_layers.py for #include lines.
#   MLIR     includes MLIR/LLVM headers (as SYSTEM: with -Werror they fail otherwise) and shares the precompiled header
#   USES     other components; LIBS: libraries from outside; DEPENDS: targets that generate headers
set(GRAPHC_LEVELS abi support dialect stage driver tool)

add_library(graphc_flags INTERFACE)
target_compile_options(graphc_flags INTERFACE -Wall -Wextra $<$<BOOL:${GRAPHC_WERROR}>:-Werror>
  $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -fno-rtti -fvisibility=hidden -fvisibility-inlines-hidden>)
target_include_directories(graphc_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_include_directories(graphc_flags SYSTEM INTERFACE ${CMAKE_BINARY_DIR}) # generated code keeps no warning rules
target_link_options(graphc_flags INTERFACE -fuse-ld=lld)

add_library(graphc_mlir INTERFACE)
target_include_directories(graphc_mlir SYSTEM INTERFACE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
separate_arguments(graphc_llvm_definitions UNIX_COMMAND "${LLVM_DEFINITIONS}")
target_compile_definitions(graphc_mlir INTERFACE ${graphc_llvm_definitions})
target_link_libraries(graphc_mlir INTERFACE MLIR LLVM) # the shared libraries: static MLIR* beside them would register dialects twice

if(GRAPHC_PCH)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/mlir_pch.cpp CONTENT "// Carrier of the precompiled header.\n") # leaves an equal file alone
  add_library(graphc_mlir_pch STATIC ${CMAKE_BINARY_DIR}/mlir_pch.cpp)
  target_link_libraries(graphc_mlir_pch PRIVATE graphc_flags graphc_mlir)
  target_precompile_headers(graphc_mlir_pch PRIVATE
    <mlir/Dialect/Arith/IR/Arith.h> <mlir/Dialect/Func/IR/FuncOps.h> <mlir/Dialect/LLVMIR/LLVMDialect.h>
    <mlir/Dialect/Linalg/IR/Linalg.h> <mlir/Dialect/Math/IR/Math.h> <mlir/Dialect/MemRef/IR/MemRef.h>
    <mlir/Dialect/SCF/IR/SCF.h> <mlir/Dialect/Tensor/IR/Tensor.h> <mlir/Dialect/Vector/IR/VectorOps.h>
    <mlir/IR/Builders.h> <mlir/IR/BuiltinOps.h> <mlir/IR/PatternMatch.h> <mlir/Pass/Pass.h> <mlir/Pass/PassManager.h>)
endif()

function(graphc_component name)
  cmake_parse_arguments(A "MLIR" "LEVEL" "SOURCES;USES;LIBS;DEPENDS" ${ARGN})
  list(FIND GRAPHC_LEVELS "${A_LEVEL}" mine)
  if(mine EQUAL -1)
    message(FATAL_ERROR "${name}: LEVEL must be one of: ${GRAPHC_LEVELS}")
  endif()
  add_library(${name} STATIC ${A_SOURCES})
  set_target_properties(${name} PROPERTIES GRAPHC_LEVEL ${mine})
  target_link_libraries(${name} PUBLIC graphc_flags)
  foreach(dep IN LISTS A_USES)
    get_target_property(theirs ${dep} GRAPHC_LEVEL)
    if(theirs STREQUAL "theirs-NOTFOUND")
      message(FATAL_ERROR "${name}: ${dep} is no graphc component")
    endif()
    if(NOT theirs LESS mine)
      list(GET GRAPHC_LEVELS ${theirs} their_name)
      message(FATAL_ERROR "${name} (${A_LEVEL}) must not use ${dep} (${their_name})")
    endif()
    target_link_libraries(${name} PUBLIC ${dep})
  endforeach()
  if(A_MLIR)
    target_link_libraries(${name} PUBLIC graphc_mlir)
    if(GRAPHC_PCH)
      target_precompile_headers(${name} REUSE_FROM graphc_mlir_pch)
    endif()
  endif()
  if(A_LIBS)
    target_link_libraries(${name} PUBLIC ${A_LIBS})
  endif()
  if(A_DEPENDS)
    add_dependencies(${name} ${A_DEPENDS})
  endif()
endfunction()
