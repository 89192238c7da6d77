# x86_64.S - syscall, vfork and dlopen, which end in a jump: the next function finds the stack
# as the program left it. See system_calls.cpp, child_calls.cpp and dlopen_call.cpp.

  .text
  .globl syscall
  .type syscall, @function
# What a number leads to is looked up, and the words are left where they are: all functions
# take the seventh from the stack.
syscall:
  .cfi_startproc
  cmp $511, %rdi
  ja 1f
  lea connarena_treated_calls(%rip), %rax
  movzbl (%rax,%rdi), %eax
  cmp $255, %eax
  je 2f
  test %eax, %eax
  jne connarena_treat_call
1: mov connarena_next_syscall(%rip), %rax
  test %rax, %rax
  je connarena_treat_call
  jmp *%rax
# It makes a child. The arguments are kept over the call, which finds the stack aligned to 16.
2: push %rdi
  .cfi_adjust_cfa_offset 8
  push %rsi
  .cfi_adjust_cfa_offset 8
  push %rdx
  .cfi_adjust_cfa_offset 8
  push %rcx
  .cfi_adjust_cfa_offset 8
  push %r8
  .cfi_adjust_cfa_offset 8
  push %r9
  .cfi_adjust_cfa_offset 8
  sub $8, %rsp
  .cfi_adjust_cfa_offset 8
  call connarena_note_child
  add $8, %rsp
  .cfi_adjust_cfa_offset -8
  pop %r9
  .cfi_adjust_cfa_offset -8
  pop %r8
  .cfi_adjust_cfa_offset -8
  pop %rcx
  .cfi_adjust_cfa_offset -8
  pop %rdx
  .cfi_adjust_cfa_offset -8
  pop %rsi
  .cfi_adjust_cfa_offset -8
  pop %rdi
  .cfi_adjust_cfa_offset -8
  jmp 1b
  .cfi_endproc
  .size syscall, . - syscall

  .globl vfork, __vfork
  .type vfork, @function
  .type __vfork, @function
# Its child comes back first, over the same stack.
vfork:
__vfork:
  .cfi_startproc
  sub $8, %rsp
  .cfi_adjust_cfa_offset 8
  call connarena_next_vfork
  add $8, %rsp
  .cfi_adjust_cfa_offset -8
  jmp *%rax
  .cfi_endproc
  .size vfork, . - vfork
  .size __vfork, . - __vfork

  .globl dlopen
  .type dlopen, @function
# The two arguments are kept over the call, which finds the stack aligned to 16.
dlopen:
  .cfi_startproc
  push %rdi
  .cfi_adjust_cfa_offset 8
  push %rsi
  .cfi_adjust_cfa_offset 8
  sub $8, %rsp
  .cfi_adjust_cfa_offset 8
  call connarena_next_dlopen
  add $8, %rsp
  .cfi_adjust_cfa_offset -8
  pop %rsi
  .cfi_adjust_cfa_offset -8
  pop %rdi
  .cfi_adjust_cfa_offset -8
  and $~8, %esi
  jmp *%rax
  .cfi_endproc
  .size dlopen, . - dlopen

  .section .note.GNU-stack, "", @progbits
