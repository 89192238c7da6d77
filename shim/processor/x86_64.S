# x86_64.S - syscall and dlopen, which end in a jump: the next function finds the stack as the
# program left it. See system_calls.cpp and dlopen_call.cpp.

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
  cmpb $0, (%rax,%rdi)
  jne connarena_treat_call
1: mov connarena_next_syscall(%rip), %rax
  test %rax, %rax
  je connarena_treat_call
  jmp *%rax
  .cfi_endproc
  .size syscall, . - syscall

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
