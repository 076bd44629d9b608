# graphc_tablegen(TARGET td OUT file MODE -gen-...): one generated file under the build tree, at the same relative path as the .td,
# so that includes read "dialects/graph/graph_dialect.h.inc". Dependencies come from the tool's own depfile.
function(graphc_tablegen list td out)
  set(input ${CMAKE_CURRENT_SOURCE_DIR}/${td})
  if(IS_ABSOLUTE ${td})
    set(input ${td})
  endif()
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${out})
  add_custom_command(OUTPUT ${output} DEPENDS ${input} DEPFILE ${output}.d VERBATIM
    COMMAND ${GRAPHC_MLIR_TBLGEN} ${ARGN} -I ${CMAKE_SOURCE_DIR} -I ${CMAKE_BINARY_DIR} -I ${MLIR_INCLUDE_DIRS} ${input} -o ${output} -d ${output}.d)
  set(${list} ${${list}} ${output} PARENT_SCOPE)
endfunction()
