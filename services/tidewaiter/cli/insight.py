"""`tidewaiter insight`: who departs from its habit, for the screener's rules and for people."""

import asyncio
import os
import signal
import threading
from typing import Annotated, Final

import structlog
import typer

from tidewaiter.adapters.faust_credentials import CredentialsUnusable
from tidewaiter.cli.failing import refusals, settings_in_force
from tidewaiter.cli.insight_process import InsightProcess
from tidewaiter.telemetry.logs import configure_logs

PORT = 9462
# What is begun is finished in a second or two.
_PATIENCE_SECONDS: Final = 15.0


def insight(
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Serve /metrics here; 0: any free.")] = PORT,
    every: Annotated[
        float, typer.Option(min=0.2, max=120, help="Seconds between two writings of features to Redis.")
    ] = 10.0,
) -> None:
    """Count shippers, lanes, addresses, texts and goods until SIGTERM; one process, as many as partitions."""
    settings = settings_in_force()
    configure_logs()
    with refusals(CredentialsUnusable):
        asyncio.run(_serve(InsightProcess(settings, port, every)))


async def _serve(process: InsightProcess) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, _end, process)
    await process.run()


def _end(process: InsightProcess) -> None:
    """Ask the process to end, and end it where it waits for a broker that answers nothing: Faust does
    for 91 s, and an orchestrator kills after 30. What is not committed is done again by the next worker.
    """
    process.stop.set()
    late = threading.Timer(_PATIENCE_SECONDS, _give_up)
    late.daemon = True
    late.start()


def _give_up() -> None:
    structlog.get_logger("insight").warning("ended without Kafka's answer", seconds=_PATIENCE_SECONDS)
    os._exit(0)
