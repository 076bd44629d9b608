/* The runtime's bitcode as bytes, between graphc_runtime_begin and graphc_runtime_end. .incbin is understood by clang and gcc alike,
   needs no generator, and CMake's OBJECT_DEPENDS rebuilds it (clang 19 has #embed, g++ 12 has not). */
        .section .rodata,"a",@progbits
        .globl graphc_runtime_begin, graphc_runtime_end
        .hidden graphc_runtime_begin, graphc_runtime_end
        .balign 16
graphc_runtime_begin:
        .incbin RUNTIME_BITCODE
graphc_runtime_end:
        .byte 0                 /* MemoryBuffer wants a terminator unless told otherwise */
        .section .note.GNU-stack,"",@progbits
