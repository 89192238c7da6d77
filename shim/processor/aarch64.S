// aarch64.S - syscall and dlopen, which end in a jump: the next function finds the stack as
// the program left it. See system_calls.cpp and dlopen_call.cpp.

  .text
  .globl syscall
  .type syscall, %function
// What a number leads to is looked up, and the words are left where they are.
syscall:
  .cfi_startproc
  hint #34  // where indirect calls may arrive
  cmp x0, #511
  b.hi 1f
  adrp x16, connarena_treated_calls
  add x16, x16, :lo12:connarena_treated_calls
  ldrb w16, [x16, x0]
  cbnz w16, 2f
1: adrp x16, connarena_next_syscall
  ldr x16, [x16, :lo12:connarena_next_syscall]
  cbz x16, 2f
  br x16
2: b connarena_treat_call
  .cfi_endproc
  .size syscall, . - syscall

  .globl dlopen
  .type dlopen, %function
dlopen:
  .cfi_startproc
  hint #34
  stp x29, x30, [sp, #-32]!
  .cfi_adjust_cfa_offset 32
  .cfi_rel_offset x29, 0
  .cfi_rel_offset x30, 8
  stp x0, x1, [sp, #16]
  bl connarena_next_dlopen
  mov x16, x0
  ldp x0, x1, [sp, #16]
  ldp x29, x30, [sp], #32
  .cfi_restore x30
  .cfi_restore x29
  .cfi_adjust_cfa_offset -32
  and w1, w1, #0xfffffff7
  br x16
  .cfi_endproc
  .size dlopen, . - dlopen

  .section .note.GNU-stack, "", %progbits
