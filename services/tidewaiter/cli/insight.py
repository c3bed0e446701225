"""`tidewaiter insight`: who departs from its habit, for the screener's rules and for people."""

import asyncio
import signal
from typing import Annotated

import typer

from tidewaiter.adapters.faust_credentials import CredentialsUnusable
from tidewaiter.cli.failing import refusals, settings_in_force
from tidewaiter.cli.insight_process import InsightProcess
from tidewaiter.telemetry.logs import configure_logs

PORT = 9462


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
        asyncio.get_running_loop().add_signal_handler(number, process.stop.set)
    await process.run()
