"""The process of an engine: a line of JSON in, one out, as `nexus lineage sql --jsonl`, and two things more.

The first line out is `{"engine", "version"}`; each answer also has `cpu_seconds`, the cost of that answer.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

Line = dict[str, Any]


def column(target: str, output: str, sources: list[tuple[str, str]]) -> Line:
    """Give one output column; engines of others do not tell how a source reaches it."""
    inputs = [{"table": table, "column": name, "transformation": "TRANSFORMATION"} for table, name in sources]
    return {"output": {"table": target, "column": output}, "inputs": inputs}


def serve(engine: str, version: str, answered: Callable[[Line], Line]) -> None:
    """Answer until standard input ends; what an engine prints goes to standard error, and its failure is an answer."""
    with os.fdopen(os.dup(1), "wb", buffering=0) as out:
        os.dup2(2, 1)
        gc.freeze()  # as our own processes do
        _write(out.write, {"engine": engine, "version": version})
        for line in sys.stdin.buffer:
            request = json.loads(line)
            start = time.process_time()
            answer = _answer(request, answered)
            _write(out.write, {"id": request.get("id"), "cpu_seconds": time.process_time() - start, **answer})


def _answer(request: Line, answered: Callable[[Line], Line]) -> Line:
    empty: Line = {"inputs": [], "outputs": [], "columns": [], "errors": []}
    try:
        return {**empty, **answered(request)}
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a panic of Rust is none of Exception
        problem = {"code": type(error).__name__, "message": str(error)[:500], "statement": 0}
        return {**empty, "errors": [problem]}


def _write(write: Callable[[bytes], object], line: Line) -> None:
    write(json.dumps(line).encode() + b"\n")
