"""Signatures as datasketch's `MinHash` objects, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from textbooks.dedup.minhash.scheme import PERMUTATIONS
from textbooks.dedup.minhash.shingles import Shingler

if TYPE_CHECKING:
    from datasketch import MinHash

__all__ = ["from_datasketch", "shingle_hash", "to_datasketch"]

_WHOLE = Shingler(1 << 16)


def shingle_hash(shingle: bytes) -> int:
    """Return the hash that signatures are made of, as a ``hashfunc`` of datasketch.

    Parameters
    ----------
    shingle : bytes
        The tokens of one shingle in UTF-8, at most 65,536, with white space between them.

    Returns
    -------
    int
        32 bits, the lower half of the shingle's hash; 0 where there is no token.
    """
    hashes = _WHOLE.set_of(shingle.decode("utf-8", "surrogatepass"))
    return int(hashes[0]) & 0xFFFFFFFF if len(hashes) else 0


def to_datasketch(signature: NDArray[np.uint32], shingler: Shingler) -> MinHash:
    """Return a signature as a `datasketch.MinHash`, for its LSH, forests, storage and the like.

    Parameters
    ----------
    signature : ndarray of uint32, shape (num_perm,)
        A row of `Shingler.signatures`.
    shingler : Shingler
        What made it.

    Returns
    -------
    datasketch.MinHash
        Equal to one that datasketch fills with the same shingles and `shingle_hash`; it can be updated further so.

    Raises
    ------
    ValueError
        If the signature has another number of slots than the shingler.
    """
    from datasketch import MinHash

    if signature.shape != (shingler.num_perm,):
        msg = f"a signature must have shape ({shingler.num_perm},), got {signature.shape}"
        raise ValueError(msg)
    return MinHash(
        seed=shingler.seed,
        hashfunc=shingle_hash,
        hashvalues=signature.copy(),
        permutations=shingler.permutations,
        scheme=PERMUTATIONS,
    )


def from_datasketch(sketch: MinHash, shingler: Shingler) -> NDArray[np.uint32]:
    """Return the signature that a `datasketch.MinHash` holds.

    Parameters
    ----------
    sketch : datasketch.MinHash
        Made by `to_datasketch`, or by datasketch with `shingle_hash` and the scheme ``affine32``.
    shingler : Shingler
        Whose signatures it shall be compared with.

    Returns
    -------
    ndarray of uint32, shape (num_perm,)

    Raises
    ------
    ValueError
        If its scheme, seed, number of slots, permutations or hash function are not those of the shingler: it could be
        compared, and the result would mean nothing.
    """
    found = {"scheme": sketch.scheme, "seed": sketch.seed, "num_perm": sketch.num_perm}
    wanted = {"scheme": PERMUTATIONS, "seed": shingler.seed, "num_perm": shingler.num_perm}
    for name, value in wanted.items():
        if found[name] != value:
            msg = f"the sketch has {name} {found[name]!r}, and not {value!r}: they cannot be compared"
            raise ValueError(msg)
    if not np.array_equal(sketch.permutations, shingler.permutations):
        msg = f"the sketch has permutations of its own, and not those of seed {shingler.seed}: they cannot be compared"
        raise ValueError(msg)
    if sketch.hashfunc is not shingle_hash:
        msg = f"the sketch hashes with {sketch.hashfunc!r}, and not with shingle_hash: they cannot be compared"
        raise ValueError(msg)
    return np.array(sketch.hashvalues, dtype=np.uint32)
