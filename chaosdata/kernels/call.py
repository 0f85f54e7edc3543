"""Calls from numba code into compiled kernels, by address."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_DOUBLES = types.CPointer(types.float64)


@intrinsic
def call_step(_context: Any, address: Any, work: Any, goal: Any) -> Any:
    """Call a step kernel by its address."""
    signature = types.int64(types.int64, _DOUBLES, types.float64)

    def generate(_c: Any, builder: Any, _s: Any, arguments: Any) -> Any:
        pointer = ir.DoubleType().as_pointer()
        function = ir.FunctionType(ir.IntType(64), [pointer, ir.DoubleType()])
        return builder.call(builder.inttoptr(arguments[0], function.as_pointer()), arguments[1:])

    return signature, generate


@intrinsic
def call_dense(_context: Any, address: Any, work: Any, out: Any, time: Any, samples: Any) -> Any:
    """Call a dense-output kernel by its address."""
    signature = types.void(types.int64, _DOUBLES, _DOUBLES, _DOUBLES, types.int64)

    def generate(context: Any, builder: Any, _s: Any, arguments: Any) -> Any:
        pointer = ir.DoubleType().as_pointer()
        function = ir.FunctionType(ir.VoidType(), [pointer, pointer, pointer, ir.IntType(64)])
        builder.call(builder.inttoptr(arguments[0], function.as_pointer()), arguments[1:])
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def call_counted(_context: Any, address: Any, work: Any, first: Any, second: Any) -> Any:
    """Call by its address a kernel that takes two integers."""
    signature = types.int64(types.int64, _DOUBLES, types.int64, types.int64)

    def generate(_c: Any, builder: Any, _s: Any, arguments: Any) -> Any:
        integer = ir.IntType(64)
        function = ir.FunctionType(integer, [ir.DoubleType().as_pointer(), integer, integer])
        return builder.call(builder.inttoptr(arguments[0], function.as_pointer()), arguments[1:])

    return signature, generate


@intrinsic
def call_cell(_context: Any, address: Any, work: Any, ring: Any, words: Any) -> Any:
    """Call a kernel that advances one cell of a delay equation by its address."""
    signature = types.int64(types.int64, _DOUBLES, _DOUBLES, _DOUBLES)

    def generate(_c: Any, builder: Any, _s: Any, arguments: Any) -> Any:
        pointer = ir.DoubleType().as_pointer()
        function = ir.FunctionType(ir.IntType(64), [pointer, pointer, pointer])
        return builder.call(builder.inttoptr(arguments[0], function.as_pointer()), arguments[1:])

    return signature, generate


@intrinsic
def call_tangents(_context: Any, address: Any, work: Any, ring: Any, words: Any, tangents: Any) -> Any:
    """Call a kernel of the tangent dynamics of a delay equation by its address."""
    signature = types.int64(types.int64, _DOUBLES, _DOUBLES, _DOUBLES, _DOUBLES)

    def generate(_c: Any, builder: Any, _s: Any, arguments: Any) -> Any:
        function = ir.FunctionType(ir.IntType(64), [ir.DoubleType().as_pointer()] * 4)
        return builder.call(builder.inttoptr(arguments[0], function.as_pointer()), arguments[1:])

    return signature, generate


@intrinsic
def address(_context: Any, array: Any) -> Any:
    """Pointer to an array's first element."""
    signature = _DOUBLES(array)

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        return context.make_array(sig.args[0])(context, builder, arguments[0]).data

    return signature, generate
