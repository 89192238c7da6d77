// counts_at_end.cpp - in preset `coverage` the linker has abort and _exit called here: a process
// that ends by them writes its counts first.
extern "C" {

void __gcov_dump();  // gcov.h declares it for C only
[[noreturn]] void __real_abort();
[[noreturn]] void __real__exit(int code);

[[noreturn]] void __wrap_abort() {
  __gcov_dump();
  __real_abort();
}

[[noreturn]] void __wrap__exit(int code) {
  __gcov_dump();
  __real__exit(code);
}

}  // extern "C"
