"""Lets a service follow a rollout: reads one SSM parameter in the background and computes one hash per new job.

It behaves like the reader in TypeScript (`flags/reader.ts`). It keeps the document in memory, refreshes it in the
background with jitter, and never raises into a request. When reads fail it keeps the last good document and reports its
age. It ignores a lower generation, and sends every job to the old side before the first good read. Both readers are
tested with `flags/golden-vectors.json`. Requires Python 3.10, and boto3 unless you pass a client or a `fetch`.
"""

from __future__ import annotations

import json
import logging
import math
import os
import random
import re
import threading
import time
import weakref
from dataclasses import dataclass
from typing import Any, Callable, Literal, Mapping, NamedTuple, Optional, Union

Source = Literal["parameter", "last-good", "fallback"]

BUCKETS = 10_000
JITTER = 0.2
_SLOW_READ_SECONDS = 2
_LATE_THREAD_SECONDS = 0.25
_STOOD_STILL = "no read has ended since, as after a fork or after the process or the machine stood still"
_MASK = 0xFFFFFFFF
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Switch:
    """A key that the service asks before the percentage."""

    name: str
    above: Union[bool, float, str]
    """Its value for every percentage above 0."""
    at_zero: Union[bool, float, str]
    """Its value for 0."""
    while_off: int = 0
    """The percentage that counts while it has the value for 0: 0 or 100."""


@dataclass(frozen=True)
class FlagFormat:
    """How the parameter holds the percentage: the plan's `flag.keys`."""

    percentage: str = "percentage"
    switches: tuple[Switch, ...] = ()


NUMBER: Literal["number"] = "number"
"""The plan's `flag.format: number`: the parameter holds only the percentage."""

Format = Union[FlagFormat, Literal["number"]]


class Sides(NamedTuple):
    """What the answers call the two sides."""

    new: str = "new"
    old: str = "old"


@dataclass(frozen=True)
class FlagDocument:
    """The checked value of the parameter."""

    generation: int
    writer: str
    reason: str
    salt: str
    percentage: float
    """The share of new jobs on the new side, 0 to 100, as the service's own keys amount to it."""
    values: Mapping[str, Any]
    """The keys that hold the percentage, as found."""


@dataclass(frozen=True)
class FlagReading:
    """The flags that this instance uses, for `/api/health` and for metrics."""

    document: Optional[FlagDocument]
    source: Source
    """`parameter`: the last read returned it. `last-good`: the last read failed or was refused, or it is too old, for
    example after a fork or after the process was suspended. `fallback`: no document yet, all jobs go to the old side."""
    age_seconds: Optional[float]
    """Time since the read that returned the document was started; None without a document."""
    why: str


class FlagsRefused(ValueError):
    """The value of the parameter is not a valid flag document; the message says why."""


def parse_flags(text: str, format: Format = FlagFormat(), salt: str = "", version: int = 0) -> FlagDocument:
    """Reads a parameter's value, or raises FlagsRefused. `salt` and SSM's `version` count for a plain number only."""
    if isinstance(format, str):
        return _parse_number(text, salt, version)
    try:
        fields = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise FlagsRefused("not JSON") from error
    if not isinstance(fields, dict):
        raise FlagsRefused("not a JSON object")
    if not _is_number(fields.get("schema")) or fields["schema"] != 1:
        raise FlagsRefused(f"schema is {fields.get('schema')!r}, this reader knows 1")
    generation: Any = fields.get("generation")
    if not _is_number(generation) or generation % 1 != 0 or not 0 <= generation < 2**53:
        raise FlagsRefused("generation is not a whole number from 0 to 2^53 - 1")
    for name in ("writer", "reason", "salt"):
        if not isinstance(fields.get(name), str):
            raise FlagsRefused(f"{name} is not a text")
    for switch in format.switches:
        if not any(_same(fields.get(switch.name), value) for value in (switch.above, switch.at_zero)):
            raise FlagsRefused(f"{switch.name} is not {json.dumps(switch.above)} or {json.dumps(switch.at_zero)}")
    percentage: Any = fields.get(format.percentage)
    if not _is_number(percentage) or not 0 <= percentage <= 100:
        raise FlagsRefused(f"{format.percentage} is not a number from 0 to 100")
    off = next((one for one in format.switches if not _same(fields[one.name], one.above)), None)
    names = [format.percentage, *(switch.name for switch in format.switches)]
    return FlagDocument(
        generation=int(generation),
        writer=fields["writer"],
        reason=fields["reason"],
        salt=fields["salt"],
        percentage=percentage if off is None else off.while_off,
        values={name: fields[name] for name in names},
    )


def _parse_number(text: str, salt: str, version: int) -> FlagDocument:
    if re.fullmatch(r"\s*\d{1,3}(\.\d+)?\s*", text, re.ASCII) is None or float(text) > 100:
        raise FlagsRefused("not a number from 0 to 100")
    unknown = "not known, because the parameter holds only a number"
    return FlagDocument(version, unknown, unknown, salt, float(text), {})


def _same(found: Any, value: Any) -> bool:
    """JSON tells true from 1; Python's `==` does not."""
    return isinstance(found, bool) == isinstance(value, bool) and bool(found == value)


def murmur3(data: bytes, seed: int = 0) -> int:
    """MurmurHash3 x86 32-bit: the result of `mmh3.hash(data, seed, signed=False)` without that package."""
    value = seed
    whole = len(data) - len(data) % 4
    for at in range(0, whole, 4):
        end = at + 4
        value ^= _scramble(int.from_bytes(data[at:end], "little"))
        value = (_rotate_left(value, 13) * 5 + 0xE6546B64) & _MASK
    value ^= _scramble(int.from_bytes(data[whole:], "little")) ^ len(data)
    value = ((value ^ value >> 16) * 0x85EBCA6B) & _MASK
    value = ((value ^ value >> 13) * 0xC2B2AE35) & _MASK
    return value ^ value >> 16


def bucket_of(job_id: str, salt: str) -> int:
    """Returns the bucket of a job, 0 to 9999; each is 0.01 % of all jobs. It is the same in every process."""
    return murmur3(_utf8(f"{salt}:{job_id}")) % BUCKETS


def is_new(job_id: str, document: FlagDocument) -> bool:
    """Returns whether a new job goes to the new side. Ask once, when you create it; reads must follow the job's record."""
    return bucket_of(job_id, document.salt) < _round(document.percentage * 100)


class _Moment(NamedTuple):
    """A time by two clocks: the monotonic one may stop while the machine is suspended, the other may be set back."""

    monotonic: float
    wall: float


@dataclass(frozen=True)
class _Held:
    document: FlagDocument
    read_at: _Moment


class _FirstRead:
    """The first read after a gap longer than a refresh. Until it ends, the document in memory counts as old."""

    def __init__(self, due_at: _Moment) -> None:
        self.due_at = due_at
        self.done = threading.Event()


class FlagReader:
    """Keeps the flag document of one environment in memory. Pass the name of a parameter, or your own `fetch`.

    `on_read` is called after every read with the result (`taken`, `refused` or `failed`), the seconds it took and the
    reading. The first call in each process starts the refreshing thread, so a forked worker has its own. A document
    inherited through a fork may be old. So the first call in a new process waits once for a read, for
    `first_answer_within` seconds at most; so does the first call after the process was suspended (a frozen Lambda,
    SIGSTOP, a suspended machine). Forked processes use the same `client` or `fetch`, if you pass one.
    """

    def __init__(
        self,
        parameter: str = "",
        client: Any = None,
        fetch: Optional[Callable[[], Union[str, tuple[str, int]]]] = None,
        refresh_seconds: float = 5.0,
        now: Callable[[], float] = time.monotonic,
        on_read: Optional[Callable[[str, float, FlagReading], None]] = None,
        wall: Callable[[], float] = time.time,
        first_answer_within: float = 1.0,
        format: Format = FlagFormat(),
        sides: Sides = Sides(),
        salt: str = "",
    ) -> None:
        self._fetch = fetch or _fetch_from_ssm(parameter, client)
        self._format = format
        self._sides = sides
        self._salt = salt
        self._refresh_seconds = refresh_seconds
        self._now = now
        self._wall = wall
        self._on_read = on_read
        self._first_answer_within = first_answer_within
        self._held: Optional[_Held] = None
        self._trouble: Optional[str] = None
        self._stopped = False
        self._of_this_process()
        _readers.add(self)

    def _of_this_process(self) -> None:
        """Sets what does not survive a fork: the thread is gone, and a lock may be held by a thread of the parent."""
        self._stop = threading.Event()
        if self._stopped:
            self._stop.set()
        self._reading = threading.Lock()
        self._deciding = threading.Lock()
        self._is_started = False
        self._is_reading = False
        self._tried_at: Optional[_Moment] = None
        self._first_read: Optional[_FirstRead] = None

    def current(self) -> FlagReading:
        """Returns the flags from memory; the first call, also after a suspension, waits for a read. Never raises."""
        return self._current(self._is_caught_up())

    def is_new(self, job_id: str) -> bool:
        """Returns whether a new job goes to the new side by the current document; False without one. Never raises."""
        document = self.current().document
        try:
            return document is not None and is_new(job_id, document)
        except Exception:  # An id that is no text: its request must survive that.
            return False

    def route(self, job_id: str) -> str:
        """Returns the name of the side of a new job. Never raises."""
        return self._sides.new if self.is_new(job_id) else self._sides.old

    def refresh(self) -> FlagReading:
        """Reads the parameter now. Never raises."""
        with self._deciding:
            self._expect_first_read()
        with self._reading:
            self._is_reading = True
            started_at = self._tried_at = self._moment()
            result = self._read_once(started_at)
            self._tried_at = self._moment()
            self._is_reading = False
        self._end_first_read(started_at)
        reading = self._current()
        if self._on_read is not None:
            try:
                self._on_read(result, self._now() - started_at.monotonic, reading)
            except Exception:  # Metrics must not stop the flags.
                _log.exception("on_read failed")
        return reading

    def stop(self) -> None:
        self._stopped = True
        self._stop.set()

    def _read_once(self, started_at: _Moment) -> str:
        try:
            fetched = self._fetch()
            text, version = fetched if isinstance(fetched, tuple) else (fetched, 0)
        except Exception as error:
            self._trouble = f"the parameter could not be read: {str(error) or type(error).__name__}"
            return "failed"
        try:
            document = parse_flags(text, self._format, self._salt, version)
        except Exception as error:
            self._trouble = f"the parameter is refused: {error}"
            return "refused"
        held = self._held
        if held is not None and document.generation < held.document.generation:
            lower = f"generation {document.generation} is lower than {held.document.generation}"
            self._trouble = f"{lower}, which was read before"
            return "refused"
        self._held = _Held(document, started_at)
        self._trouble = None
        return "taken"

    def _current(self, is_caught_up: bool = True) -> FlagReading:
        held, trouble = self._held, self._trouble
        if held is None:
            why = trouble or "the parameter was not read yet"
            return FlagReading(None, "fallback", None, f"all new jobs go to {self._sides.old}: {why}")
        age = self._since(held.read_at)
        what = f"generation {held.document.generation} by {held.document.writer}, read {age:.3f} s ago"
        # Without a failure it is stale when a whole refresh is missing: a read takes no longer than that allows.
        if trouble is None and (not is_caught_up or age > 2 * self._refresh_seconds + _SLOW_READ_SECONDS):
            trouble = _STOOD_STILL
        if trouble is None:
            return FlagReading(held.document, "parameter", age, what)
        return FlagReading(held.document, "last-good", age, f"{what}, is kept: {trouble}")

    def _is_caught_up(self) -> bool:
        """Returns False when the document is old and the read that replaces it has not ended in time."""
        if self._stop.is_set():
            return True
        first = self._first_read
        if first is None and (not self._is_started or self._is_late()):
            first = self._begin()
        if first is None:
            return True
        return first.done.wait(max(0.0, self._first_answer_within - self._since(first.due_at)))

    def _begin(self) -> Optional[_FirstRead]:
        """Starts the thread; only one of several concurrent requests does."""
        with self._deciding:
            begins_late = self._expect_first_read()
            target = self._repeat if not self._is_started else self.refresh
            if begins_late or not self._is_started:
                self._is_started = True
                try:
                    threading.Thread(target=target, name="rollout-flags", daemon=True).start()
                except RuntimeError as error:  # No more threads: the next question tries again.
                    self._is_started = False
                    self._trouble = f"no thread can read the parameter: {error}"
                    self._first_read = None
            return self._first_read

    def _expect_first_read(self) -> bool:
        """Returns whether a first read has just become due. The caller holds `_deciding`."""
        if self._first_read is not None or not self._is_late():
            return False
        self._tried_at = self._moment()
        self._first_read = _FirstRead(self._tried_at)
        return True

    def _end_first_read(self, started_at: _Moment) -> None:
        first = self._first_read
        if first is not None and started_at.monotonic >= first.due_at.monotonic:
            self._first_read = None
            first.done.set()

    def _is_late(self) -> bool:
        """Returns whether no read was tried for too long. Failing and slow reads count as tried."""
        if self._is_reading:
            return False
        if self._tried_at is not None:
            return self._since(self._tried_at) > self._refresh_seconds * (1 + JITTER) + _LATE_THREAD_SECONDS
        return self._held is None or self._since(self._held.read_at) > self._refresh_seconds

    def _moment(self) -> _Moment:
        return _Moment(self._now(), self._wall())

    def _since(self, moment: _Moment) -> float:
        return max(0.0, self._now() - moment.monotonic, self._wall() - moment.wall)

    def _repeat(self) -> None:
        # Any part of a refresh at first: instances that were started together do not go on reading together.
        delay = self._refresh_seconds * random.random()
        while not self._stop.is_set():
            self.refresh()
            self._stop.wait(delay)
            delay = self._refresh_seconds * random.uniform(1 - JITTER, 1 + JITTER)


_readers: weakref.WeakSet[FlagReader] = weakref.WeakSet()
def _after_fork() -> None:
    for reader in list(_readers):
        reader._of_this_process()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _fetch_from_ssm(parameter: str, client: Any) -> Callable[[], tuple[str, int]]:
    """Returns a function that reads the parameter, within a few seconds.

    The first read creates the client, so importing this file needs no boto3. A forked process creates its own session
    and client: connections cannot be shared, and a thread of the parent may hold the locks of the parent's session.
    """
    made: dict[int, Any] = {}

    def fetch() -> tuple[str, int]:
        process = os.getpid()
        if client is None and process not in made:
            import boto3  # type: ignore[import-untyped]
            from botocore.config import Config  # type: ignore[import-untyped]

            limits = Config(connect_timeout=1, read_timeout=2, retries={"max_attempts": 2, "mode": "standard"})
            made.clear()
            made[process] = boto3.session.Session().client("ssm", config=limits)
        ssm = made[process] if client is None else client
        found = ssm.get_parameter(Name=parameter)["Parameter"]
        return str(found["Value"]), int(found.get("Version", 0))

    return fetch


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _round(value: float) -> int:
    """Rounds half up like JavaScript; Python's `round` rounds half to even."""
    below = math.floor(value)
    return below + 1 if value - below >= 0.5 else below


def _utf8(text: str) -> bytes:
    """Encodes text as UTF-8. Half of a surrogate pair becomes U+FFFD as in JavaScript; Python raises an error."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text).encode()


def _rotate_left(value: int, bits: int) -> int:
    return (value << bits | value >> 32 - bits) & _MASK


def _scramble(word: int) -> int:
    return _rotate_left(word * 0xCC9E2D51 & _MASK, 15) * 0x1B873593 & _MASK
