/* The text of graphc/types.h as bytes. .incbin is understood by clang and gcc alike and needs no generator. */
        .section .rodata,"a",@progbits
        .globl graphc_public_types_begin, graphc_public_types_end
        .hidden graphc_public_types_begin, graphc_public_types_end
graphc_public_types_begin:
        .incbin PUBLIC_TYPES
graphc_public_types_end:
        .byte 0
        .section .note.GNU-stack,"",@progbits
