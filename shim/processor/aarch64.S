// aarch64.S - syscall, vfork and dlopen, which end in a jump: the next function finds the stack
// as the program left it. See system_calls.cpp, child_calls.cpp and dlopen_call.cpp.

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
  cmp w16, #255
  b.eq 3f
  cbnz w16, 2f
1: adrp x16, connarena_next_syscall
  ldr x16, [x16, :lo12:connarena_next_syscall]
  cbz x16, 2f
  br x16
2: b connarena_treat_call
// It makes a child. The arguments are kept over the call.
3: stp x29, x30, [sp, #-80]!
  .cfi_adjust_cfa_offset 80
  .cfi_rel_offset x29, 0
  .cfi_rel_offset x30, 8
  stp x0, x1, [sp, #16]
  stp x2, x3, [sp, #32]
  stp x4, x5, [sp, #48]
  str x6, [sp, #64]
  bl connarena_note_child
  ldr x6, [sp, #64]
  ldp x4, x5, [sp, #48]
  ldp x2, x3, [sp, #32]
  ldp x0, x1, [sp, #16]
  ldp x29, x30, [sp], #80
  .cfi_restore x30
  .cfi_restore x29
  .cfi_adjust_cfa_offset -80
  b 1b
  .cfi_endproc
  .size syscall, . - syscall

  .globl vfork, __vfork
  .type vfork, %function
  .type __vfork, %function
// Its child comes back first, over the same stack.
vfork:
__vfork:
  .cfi_startproc
  hint #34
  stp x29, x30, [sp, #-16]!
  .cfi_adjust_cfa_offset 16
  .cfi_rel_offset x29, 0
  .cfi_rel_offset x30, 8
  bl connarena_next_vfork
  mov x16, x0
  ldp x29, x30, [sp], #16
  .cfi_restore x30
  .cfi_restore x29
  .cfi_adjust_cfa_offset -16
  br x16
  .cfi_endproc
  .size vfork, . - vfork
  .size __vfork, . - __vfork

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
