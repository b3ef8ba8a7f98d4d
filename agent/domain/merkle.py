"""Merkle trees over hashes (RFC 9162): one signed root stands for many entries, and a short path proves one of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def root(leaves: Sequence[str]) -> str:
    """The root of these hashes (64 hex characters each), in their order; "" for none.

    >>> root([]), root(["00" * 32]) == _leaf("00" * 32)
    ('', True)
    """
    return _root([_leaf(one) for one in leaves]) if leaves else ""


def path(leaves: Sequence[str], index: int) -> list[str]:
    """The sibling hashes from the leaf at `index` up to the root."""
    return _path([_leaf(one) for one in leaves], index)


def climb(leaf: str, index: int, size: int, siblings: Sequence[str]) -> str:
    """The root that a leaf at `index` of `size` leads to by its siblings; "" when there are too few or too many.

    >>> leaves = ["%064x" % n for n in range(5)]
    >>> [climb(one, n, 5, path(leaves, n)) == root(leaves) for n, one in enumerate(leaves)]
    [True, True, True, True, True]
    >>> climb(leaves[1], 0, 5, path(leaves, 1)) == root(leaves)
    False
    """
    if not 0 <= index < size:
        return ""
    found, low, high = _leaf(leaf), index, size - 1
    for sibling in siblings:
        if high == 0:
            return ""
        if low & 1 or low == high:
            found = _inner(sibling, found)
            while low and not low & 1:
                low, high = low >> 1, high >> 1
        else:
            found = _inner(found, sibling)
        low, high = low >> 1, high >> 1
    return found if high == 0 else ""


def _leaf(hash_: str) -> str:
    return hashlib.sha256(b"\x00" + bytes.fromhex(hash_)).hexdigest()


def _inner(left: str, right: str) -> str:
    return hashlib.sha256(b"\x01" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()


def _split(size: int) -> int:
    """The largest power of two that is smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


def _root(hashes: Sequence[str]) -> str:
    if len(hashes) == 1:
        return hashes[0]
    middle = _split(len(hashes))
    return _inner(_root(hashes[:middle]), _root(hashes[middle:]))


def _path(hashes: Sequence[str], index: int) -> list[str]:
    if len(hashes) == 1:
        return []
    middle = _split(len(hashes))
    if index < middle:
        return [*_path(hashes[:middle], index), _root(hashes[middle:])]
    return [*_path(hashes[middle:], index - middle), _root(hashes[:middle])]
