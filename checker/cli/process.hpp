// The process under tight limits: enough stack, heaps that leave room, and an exit code where nothing else is left.
#pragma once

#include <functional>
#include <string>

namespace mc {

/// Call once, before threads are started. Under a limit on address space, threads share few heaps. What nobody catches
/// ends the process with a message after the program's name and an exit code, never by a signal.
void prepare_process(const std::string& program);

/// Calls `body`, which throws nothing, with at least a mebibyte of stack: on the stack at hand, or on one of its own
/// where the limit on stacks (`ulimit -s`) is lower.
[[nodiscard]] int with_enough_stack(const std::function<int()>& body);

}  // namespace mc
