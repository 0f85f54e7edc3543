"""From the graph of operations to machine code: explicit 8-lane vector kernels through LLVM."""
