"""Who replays: this process, or others beside it that are given records and answers and give questions."""

import multiprocessing
import pickle
import signal
from collections import deque
from collections.abc import Container, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Protocol

import msgspec

from tidewaiter.backtest.bench import Bench
from tidewaiter.backtest.shard import Account, Answered, Asked, Shard
from tidewaiter.domain.features import Features
from tidewaiter.stream.record import Record

AnswersGiven = Sequence[Sequence[Sequence[Answered]]]

_ASK, _DECIDE, _END = b"a", b"d", b"e"
_encode = msgspec.msgpack.Encoder().encode
_records = msgspec.msgpack.Decoder(list[Record]).decode
_asked = msgspec.msgpack.Decoder(Asked).decode
_answers = msgspec.msgpack.Decoder(tuple[list[list[list[Answered]]], Features]).decode


class Hand(Protocol):
    """Replays the records of some parcels. Chunks may be asked ahead; each ``decide`` is for the oldest."""

    def ask(self, records: Sequence[Record]) -> None: ...
    def asked(self) -> Asked: ...
    def decide(self, answers: AnswersGiven, features: Features) -> None: ...
    def account(self) -> Account: ...


class SameProcess:
    """The hand that is this process."""

    def __init__(self, bench: Bench, again: Container[str]) -> None:
        self._shard = Shard(bench, again)
        self._asked: deque[Asked] = deque()

    def ask(self, records: Sequence[Record]) -> None:
        self._asked.append(self._shard.ask(records))

    def asked(self) -> Asked:
        return self._asked.popleft()

    def decide(self, answers: AnswersGiven, features: Features) -> None:
        self._shard.decide(answers, features)

    def account(self) -> Account:
        return self._shard.account


class MateLost(Exception):
    """A process of the replay ended before its work was done."""


class Mate:
    """A hand that is a process of its own, forked, so that lists and rules are in memory once.

    A thread takes what it says at once: were both sides to write to full pipes, neither would read.
    """

    def __init__(self, bench: Bench, again: Container[str]) -> None:
        context = multiprocessing.get_context("fork")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, self._pipe, bench, again), daemon=True)
        self._process.start()
        theirs.close()
        self._heard: SimpleQueue[bytes | None] = SimpleQueue()
        self._thread = Thread(target=self._listen, daemon=True)

    def __enter__(self) -> "Mate":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pipe.close()
        self._process.terminate()
        self._process.join()

    def ask(self, records: Sequence[Record]) -> None:
        self._say(_ASK + _encode(records))

    def asked(self) -> Asked:
        return _asked(self._said())

    def decide(self, answers: AnswersGiven, features: Features) -> None:
        self._say(_DECIDE + _encode((answers, features)))

    def account(self) -> Account:
        self._say(_END)
        account = pickle.loads(self._said())
        assert isinstance(account, Account)
        return account

    def _say(self, message: bytes) -> None:
        if self._thread.ident is None:  # not sooner: the mates that come later are forked without threads
            self._thread.start()
        try:
            self._pipe.send_bytes(message)
        except OSError as error:
            raise MateLost(f"a process of the replay ended: {error}") from error

    def _said(self) -> bytes:
        heard = self._heard.get()
        if heard is None:
            raise MateLost("a process of the replay ended before its work was done")
        return heard

    def _listen(self) -> None:
        try:
            while True:
                self._heard.put(self._pipe.recv_bytes())
        except (EOFError, OSError):
            self._heard.put(None)


def _work(pipe: Connection, other_end: Connection, bench: Bench, again: Container[str]) -> None:
    """The life of a mate. It ends with the process that it works for, which alone heeds Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    other_end.close()
    with suppress(EOFError, OSError):
        _serve(pipe, Shard(bench, again))


def _serve(pipe: Connection, shard: Shard) -> None:
    """Do what is said. Raises EOFError or OSError when nobody is there any more."""
    while (message := pipe.recv_bytes())[:1] != _END:
        if message[:1] == _ASK:
            pipe.send_bytes(_encode(shard.ask(_records(message[1:]))))
        else:
            shard.decide(*_answers(message[1:]))
    pipe.send_bytes(pickle.dumps(shard.account))
