"""Processor instructions that numba has no words for: sixteen arcs tossed at once, prefetching, bit tricks.

Written as LLVM vector operations, which every processor gets in its own terms (AVX-512, AVX2, SSE2, NEON).
The numbers are those of `viralsim.luck.arc_luck`, bit by bit; a test holds them equal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

__all__ = ["LANES", "bits_set", "lowest_bit", "mark", "prefetch", "toss", "toss_each"]

LANES = 16
"""Arcs tossed at once; arrays of arcs are padded by this many entries at their end."""

_I32 = ir.IntType(32)
_I64 = ir.IntType(64)
_VECTOR = ir.VectorType(_I32, LANES)


def _instruction(define: Callable[..., Any]) -> Any:
    """Make an instruction; `Any`, because the kernels that use it do not pass the typing context."""
    return intrinsic(define)


def _constant(number: int) -> Any:
    return ir.Constant(_VECTOR, [number] * LANES)


def _splat(builder: Any, scalar: Any) -> Any:
    undefined = ir.Constant(_VECTOR, ir.Undefined)
    one = builder.insert_element(undefined, scalar, ir.Constant(_I32, 0))
    return builder.shuffle_vector(one, undefined, ir.Constant(_VECTOR, [0] * LANES))


def _lowbias32(builder: Any, x: Any) -> Any:
    x = builder.xor(x, builder.lshr(x, _constant(16)))
    x = builder.mul(x, _constant(0x7FEB352D))
    x = builder.xor(x, builder.lshr(x, _constant(15)))
    x = builder.mul(x, _constant(0x846CA68B))
    return builder.xor(x, builder.lshr(x, _constant(16)))


def _load(context: Any, builder: Any, array_type: Any, array: Any, start: Any) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    vector = builder.load(builder.bitcast(builder.gep(data, [start]), ir.PointerType(_VECTOR)))
    vector.align = 4
    return vector


def _luck(builder: Any, followers: Any, low: Any, high: Any) -> Any:
    x = _lowbias32(builder, builder.add(followers, _splat(builder, low)))
    return _lowbias32(builder, builder.xor(x, _splat(builder, high)))


def _as_bits(builder: Any, mask: Any) -> Any:
    return builder.zext(builder.bitcast(mask, ir.IntType(LANES)), _I64)


@_instruction
def toss(typing_context: Any, followers: Any, start: Any, low: Any, high: Any, limit: Any) -> Any:
    """Return as bits which of ``followers[start:start + 16]`` have luck <= `limit`, one limit for all."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        people = _load(context, builder, signature.args[0], args[0], args[1])
        luck = _luck(builder, people, args[2], args[3])
        return _as_bits(builder, builder.icmp_unsigned("<=", luck, _splat(builder, args[4])))

    return types.uint64(followers, types.uint64, types.uint32, types.uint32, types.uint32), generate


@_instruction
def toss_each(typing_context: Any, followers: Any, start: Any, low: Any, high: Any, limits: Any, first: Any) -> Any:
    """Return as bits which of ``followers[start:start + 16]`` have luck <= their ``limits[first:...]``."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        people = _load(context, builder, signature.args[0], args[0], args[1])
        luck = _luck(builder, people, args[2], args[3])
        each = _load(context, builder, signature.args[4], args[4], args[5])
        return _as_bits(builder, builder.icmp_unsigned("<=", luck, each))

    return types.uint64(followers, types.uint64, types.uint32, types.uint32, limits, types.uint64), generate


@_instruction
def prefetch(typing_context: Any, array: Any, index: Any) -> Any:
    """Ask for the cache line of ``array[index]``."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        pointer = builder.bitcast(builder.gep(data, [args[1]]), ir.PointerType(ir.IntType(8)))
        kind = ir.FunctionType(ir.VoidType(), [pointer.type, _I32, _I32, _I32])
        name = "llvm.prefetch.p0"
        function = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
        builder.call(function, [pointer, *(ir.Constant(_I32, n) for n in (0, 3, 1))])
        return context.get_dummy_value()

    return types.void(array, types.uint64), generate


@_instruction
def mark(typing_context: Any, bits: Any, word: Any, place: Any) -> Any:
    """Set bit `place` of ``bits[word]``, an array of uint64; return 1 where it was not set before, else 0.

    No branch to guess, and no reference counted, as in a numba function that gets an array.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        pointer = builder.gep(data, [args[1]])
        one = ir.Constant(_I64, 1)
        old = builder.load(pointer)
        builder.store(builder.or_(old, builder.shl(one, args[2])), pointer)
        return builder.xor(builder.and_(builder.lshr(old, args[2]), one), one)

    return types.int64(bits, types.uint64, types.uint64), generate


@_instruction
def lowest_bit(typing_context: Any, bits: Any) -> Any:
    """Return the position of the lowest bit set; `bits` must not be 0."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), generate


@_instruction
def bits_set(typing_context: Any, bits: Any) -> Any:
    """Return how many bits are set."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return types.uint64(types.uint64), generate
