"""A worker that is killed between the records of a transaction and its commit, for tests.

``python -m tests.integration.dying_screener COMMITS screen --slot N``: it dies at so many commits.
"""

import os
import signal
import sys
from typing import Any

import confluent_kafka

from tidewaiter.adapters import kafka_transactions
from tidewaiter.cli import main


class DyingProducer(confluent_kafka.Producer):
    """All records and offsets are with the broker, and the process is gone before it says so."""

    commits_left = 0

    def commit_transaction(self, *arguments: Any) -> None:
        DyingProducer.commits_left -= 1
        if DyingProducer.commits_left <= 0:
            self.flush(5.0)
            os.kill(os.getpid(), signal.SIGKILL)
        super().commit_transaction(*arguments)


if __name__ == "__main__":
    DyingProducer.commits_left = int(sys.argv.pop(1))
    vars(kafka_transactions)["Producer"] = DyingProducer
    main()
