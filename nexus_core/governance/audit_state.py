"""What a verifier knows behind some leaves of the audit log, so that it can go on from there without them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

import orjson
import rfc8785

from nexus_core.errors import InvalidInputError
from nexus_core.model.canonical_json import canonical


@dataclass(frozen=True, slots=True)
class State:
    """A tree of `size` leaves by its complete subtrees, how far each chain goes, and what is open.

    `chains` has how many records of each writer there are, and the hash of the last; `intended` the acts whose outcome
    is not told yet, `(writer, seq)`; `erased_count` personal fields are gone, `explained_count` by records.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()
    chains: Mapping[str, tuple[int, bytes]] = field(default_factory=dict)
    intended: frozenset[tuple[str, int]] = frozenset()
    erased_count: int = 0
    explained_count: int = 0

    @property
    def text(self) -> str:
        """All of it as RFC 8785 JSON."""
        return canonical(
            {
                "size": self.size,
                "peaks": [peak.hex() for peak in self.peaks],
                "chains": {writer: [count, last.hex()] for writer, (count, last) in self.chains.items()},
                "intended": [list(place) for place in sorted(self.intended)],
                "erased": self.erased_count,
                "explained": self.explained_count,
            }
        ).decode()

    def continues(self, other: State) -> bool:
        """Whether both stand behind the same leaves, whatever has been erased of these since."""
        own, its = ((one.size, one.peaks, one.chains, one.intended) for one in (self, other))
        return own == its

    @property
    def digest(self) -> str:
        """SHA-256 of the text, in hex: what a record of sealing names."""
        return sha256(self.text.encode()).hexdigest()


def read_state(text: str) -> State:
    """Read a state; raises InvalidInputError for what is none in the form of RFC 8785."""
    try:
        said = orjson.loads(text)
        chains = {writer: (count, bytes.fromhex(last)) for writer, (count, last) in said["chains"].items()}
        peaks = tuple(map(bytes.fromhex, said["peaks"]))
        intended = frozenset((writer, seq) for writer, seq in said["intended"])
        state = State(said["size"], peaks, chains, intended, said["erased"], said["explained"])
        exact = state.text == text and len(peaks) == state.size.bit_count()
    except (ValueError, TypeError, KeyError, AttributeError, rfc8785.CanonicalizationError) as error:
        raise InvalidInputError("it is no state of an audit log") from error
    if not exact:
        raise InvalidInputError("it is no state of an audit log in the form of RFC 8785")
    return state
