"""Which executions an intent record covers, and how each of them ended."""

from __future__ import annotations

from dataclasses import dataclass, field

from nexus_core.model.audit import Place
from nexus_core.proxy.expected import QUERY, RUN, Expected
from nexus_core.proxy.judgements import Judgement

COVER_SECONDS = 1.0
"""One intent covers a session's repeats of a statement for so long at most (governance.md §4)."""

_RUNS_MAX = 200
"""Most different results in a row that are told one by one; beyond, only totals."""


@dataclass(slots=True, eq=False)
class Cover:
    """An intent of a session; `place` is where its record is, None until it is durable.

    `runs` are results in order, each with how often it came in a row: a count of rows, or `!` and an SQLSTATE.
    `run` and `query` are what is expected of an execution that it alone covers, of a portal's all rows and of a Query.
    """

    judgement: Judgement
    until: float
    ordinal: int
    place: Place | None = None
    running: int = 0
    executions: int = 0
    rows: int = 0
    runs: list[list[str | int]] = field(default_factory=list)
    run: Expected = field(init=False)
    query: Expected = field(init=False)

    def __post_init__(self) -> None:
        """Make once what each execution is expected by."""
        self.run, self.query = Expected(RUN, covers=(self,)), Expected(QUERY, covers=(self,))

    def begin(self) -> None:
        """Learn that it covers one execution more."""
        self.running += 1

    def returned(self, rows: int) -> None:
        """Learn that a command is complete."""
        self.rows += rows
        self._note(rows)

    def failed(self, code: str) -> None:
        """Learn that a command failed."""
        self._note(f"!{code}")

    def end(self) -> None:
        """Learn that an execution has ended."""
        self.running -= 1

    @property
    def told(self) -> str:
        """The results, such as `1×5321 0 !22012`."""
        return " ".join(f"{result}×{count}" if count != 1 else str(result) for result, count in self.runs)

    def _note(self, result: str | int) -> None:
        self.executions += 1
        runs = self.runs
        if runs and runs[-1][0] == result:
            runs[-1][1] += 1  # type: ignore[operator]
        elif len(runs) < _RUNS_MAX:
            runs.append([result, 1])
        elif runs[-1][0] == "…":
            runs[-1][1] += 1  # type: ignore[operator]
        else:
            runs.append(["…", 1])
