"""Runs a process that works until a signal ends it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

    from nexus_core.settings import Settings


def until_signal(work: Callable[[Settings, asyncio.Event], Awaitable[None]], *, quick_loop: bool = False) -> None:
    """Read the settings, then run `work` with an event that SIGINT and SIGTERM set; its figures are shown meanwhile.

    With `quick_loop` it runs by uvloop, where there is one: for who handles many small messages.
    """
    import asyncio
    import signal

    from nexus_core import telemetry
    from nexus_core.cli.long_lived import collect_seldom, give_back
    from nexus_core.settings import Settings
    from nexus_core.telemetry.showing import showing
    from nexus_core.telemetry.traces import tracing

    settings = Settings.load()
    telemetry.configure(settings.log_level)
    collect_seldom()
    give_back()

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with showing(settings.metrics.host, settings.metrics.port):
            await work(settings, stop)

    name = work.__name__.removeprefix("run_")
    with (
        tracing(settings.traces.endpoint, settings.traces.ratio, name),
        asyncio.Runner(loop_factory=_quick() if quick_loop else None) as runner,
    ):
        runner.run(run())


def _quick() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        from uvloop import new_event_loop
    except ModuleNotFoundError:
        return None
    return new_event_loop
