"""Lets PAVI's API follow a rollout: reads one SSM parameter in the background and computes one hash per new job.

It behaves like the reader in TypeScript (`flags/reader.ts`). It keeps the document in memory, refreshes it in the
background with jitter, and never raises into a request. When reads fail it keeps the last good document and reports its
age. It ignores a lower generation, and sends every job to Nextflow before the first good read. Both readers are tested
with `flags/golden-vectors.json`. Requires Python 3.10, and boto3 unless you pass a client or a `fetch`.

PAVI's API calls `new_job` and `flag_health`; docs/adopt-pavi.md lists every change.
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
import uuid
import weakref
from dataclasses import dataclass
from typing import Any, Callable, Literal, NamedTuple, Optional

Backend = Literal["step-functions", "nextflow"]
Source = Literal["parameter", "last-good", "fallback"]

BUCKETS = 10_000
JITTER = 0.2
_SLOW_READ_SECONDS = 2
_LATE_THREAD_SECONDS = 0.25
_STOOD_STILL = "no read has ended since, as after a fork or after the process or the machine stood still"
_MASK = 0xFFFFFFFF
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FlagDocument:
    """The checked value of the parameter. PAVI's three upper-case names are in lower case here."""

    generation: int
    writer: str
    reason: str
    salt: str
    use_step_functions: bool
    enable_step_functions_rollout: bool
    step_functions_rollout_percentage: float


@dataclass(frozen=True)
class FlagReading:
    """The flags that this instance uses, for `/api/health` and for metrics."""

    document: Optional[FlagDocument]
    source: Source
    """`parameter`: the last read returned it. `last-good`: the last read failed or was refused, or it is too old, for
    example after a fork or after the process was suspended. `fallback`: no document yet, all jobs go to Nextflow."""
    age_seconds: Optional[float]
    """Time since the read that returned the document was started; None without a document."""
    why: str


class FlagsRefused(ValueError):
    """The value of the parameter is not a valid flag document; the message says why."""


def parse_flags(text: str) -> FlagDocument:
    """Parses the value of the parameter. Raises FlagsRefused when it is not valid."""
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
    for name in ("USE_STEP_FUNCTIONS", "ENABLE_STEP_FUNCTIONS_ROLLOUT"):
        if not isinstance(fields.get(name), bool):
            raise FlagsRefused(f"{name} is not true or false")
    percentage: Any = fields.get("STEP_FUNCTIONS_ROLLOUT_PERCENTAGE")
    if not _is_number(percentage) or not 0 <= percentage <= 100:
        raise FlagsRefused("STEP_FUNCTIONS_ROLLOUT_PERCENTAGE is not a number from 0 to 100")
    return FlagDocument(
        generation=int(generation),
        writer=fields["writer"],
        reason=fields["reason"],
        salt=fields["salt"],
        use_step_functions=fields["USE_STEP_FUNCTIONS"],
        enable_step_functions_rollout=fields["ENABLE_STEP_FUNCTIONS_ROLLOUT"],
        step_functions_rollout_percentage=percentage,
    )


def effective_percentage(document: FlagDocument) -> float:
    """Returns the percentage of new jobs, 0 to 100, that go to Step Functions.

    Without the rollout switch the percentage is ignored, and USE_STEP_FUNCTIONS alone means all new jobs.
    """
    if not document.use_step_functions:
        return 0
    if not document.enable_step_functions_rollout:
        return 100
    return document.step_functions_rollout_percentage


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


def route(job_id: str, document: FlagDocument) -> Backend:
    """Returns where a new job runs. Call it once, when the job is created: later reads follow the job's record."""
    buckets_in = _round(effective_percentage(document) * 100)
    return "step-functions" if bucket_of(job_id, document.salt) < buckets_in else "nextflow"


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
        fetch: Optional[Callable[[], str]] = None,
        refresh_seconds: float = 5.0,
        now: Callable[[], float] = time.monotonic,
        on_read: Optional[Callable[[str, float, FlagReading], None]] = None,
        wall: Callable[[], float] = time.time,
        first_answer_within: float = 1.0,
    ) -> None:
        self._fetch = fetch or _fetch_from_ssm(parameter, client)
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

    def route(self, job_id: str) -> Backend:
        """Returns where a new job runs by the current document; Nextflow while there is none. Never raises."""
        document = self.current().document
        try:
            return "nextflow" if document is None else route(job_id, document)
        except Exception:  # An id that is no text: its request must survive that.
            return "nextflow"

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
            text = self._fetch()
        except Exception as error:
            self._trouble = f"the parameter could not be read: {str(error) or type(error).__name__}"
            return "failed"
        try:
            document = parse_flags(text)
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
            return FlagReading(None, "fallback", None, f"all new jobs go to Nextflow: {why}")
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
                    threading.Thread(target=target, name="pavi-flags", daemon=True).start()
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
PROBE_HEADER = "x-rollout-probe"
"""Request header: puts this one job on a side regardless of the flags, so a rollout can probe both before a raise."""
BACKEND_HEADER = "x-pavi-backend"
"""Response header: the side of the job."""
ROUTED_HEADER = "x-pavi-routed-id"
"""Response header for a new job: the id that decided its side. The job must have the same id."""
_MOST_DRAWS = 200_000

_reader: Optional[FlagReader] = None
_reader_lock = threading.Lock()
_complained = False


@dataclass(frozen=True)
class NewJob:
    id: str
    on_step_functions: bool
    headers: dict[str, str]
    """Add them to the response that creates the job."""


def new_job(config: Any, asked_side: Optional[str] = None) -> NewJob:
    """Chooses the id and the side of a job that you are about to create. Never raises.

    The side follows from the id. The id has the UUID version that PAVI uses for that side: 4 on Step Functions, 1 on
    Nextflow. `asked_side` is the request header `x-rollout-probe`; a value that names no side is ignored.
    """
    if asked_side in ("step-functions", "nextflow"):
        on_step_functions = asked_side == "step-functions"
        return _new_job(str(uuid.uuid4() if on_step_functions else uuid.uuid1()), on_step_functions)
    document = _document_of(config)
    id_on_step_functions = str(uuid.uuid4())
    if document is not None and route(id_on_step_functions, document) == "step-functions":
        return _new_job(id_on_step_functions, True)
    # As many ids of the other version as it takes for one that the same document sends to Nextflow too.
    job_id = str(uuid.uuid1())
    for _ in range(_MOST_DRAWS):
        if document is None or route(job_id, document) == "nextflow":
            break
        job_id = str(uuid.uuid1())
    return _new_job(job_id, False)


def _new_job(job_id: str, on_step_functions: bool) -> NewJob:
    backend = "step-functions" if on_step_functions else "nextflow"
    return NewJob(job_id, on_step_functions, {BACKEND_HEADER: backend, ROUTED_HEADER: job_id})


def should_use_step_functions(config: Any, job_id: Optional[str] = None) -> bool:
    """Replaces PAVI's function of this name; reads the rollout's parameter, not environment variables. Never raises."""
    document = _document_of(config)
    if document is None:
        return False
    if not job_id:  # As in PAVI's own: without an id only a flag that means all jobs means this one.
        return effective_percentage(document) >= 100
    return route(str(job_id), document) == "step-functions"


def flag_health(config: Any) -> dict[str, Any]:
    """Returns the flags for `/api/health`: mode and rollout in PAVI's own form, from the document. Never raises.

    `flags` has `source`, `why` and `parameter`, and with a document also `generation` and `ageMs`. A rollout compares
    them with what it wrote, and so finds an instance that follows another document or none.
    """
    environment = _environment_of(config)
    said: dict[str, Any] = {"environment": environment}
    if _goes_by_variables(config):
        document: Optional[FlagDocument] = _local_document(config.pipeline)
        flags: dict[str, Any] = {"source": "variables", "why": "PAVI_ENVIRONMENT is local: no parameter is read"}
    elif (trouble := _complaint(config)) is not None:
        document = None
        flags = {"source": "fallback", "why": f"all new jobs go to Nextflow: {trouble}"}
    else:
        reading = flag_reader(environment).current()
        document = reading.document
        flags = {"source": reading.source, "why": reading.why, "parameter": parameter_of(environment)}
        if document is not None:
            flags["generation"] = document.generation
            flags["ageMs"] = round((reading.age_seconds or 0) * 1_000)
    said["execution_mode"] = "step_functions" if document and document.use_step_functions else "nextflow"
    if document and document.enable_step_functions_rollout:
        said["rollout"] = {"enabled": True, "percentage": document.step_functions_rollout_percentage}
    return {**said, "flags": flags}


def parameter_of(environment: str) -> str:
    """Returns `PAVI_FLAG_PARAMETER`, or else `/pavi/{environment}/step-functions-rollout`."""
    return os.environ.get("PAVI_FLAG_PARAMETER") or f"/pavi/{environment}/step-functions-rollout"


def _document_of(config: Any) -> Optional[FlagDocument]:
    """Returns the current document. Where PAVI_ENVIRONMENT is set to `local`, it is made from `config.pipeline`."""
    if _goes_by_variables(config):
        return _local_document(config.pipeline)
    if _complaint(config) is not None:
        return None
    return flag_reader(_environment_of(config)).current().document


def _environment_of(config: Any) -> str:
    return str(getattr(config.environment, "value", config.environment))


def _follows_no_parameter(config: Any) -> bool:
    return _reader is None and _environment_of(config) == "local" and not os.environ.get("PAVI_FLAG_PARAMETER")


def _said_environment() -> str:
    return os.environ.get("PAVI_ENVIRONMENT", "")


def _goes_by_variables(config: Any) -> bool:
    return _follows_no_parameter(config) and _said_environment().lower() == "local"


def _complaint(config: Any) -> Optional[str]:
    """Returns why this process follows no rollout by mistake.

    PAVI treats a missing or unknown environment as `local`, so a server without it would follow no rollout.
    """
    global _complained
    said = _said_environment()
    if not _follows_no_parameter(config) or said.lower() == "local":
        return None
    missing = "PAVI_ENVIRONMENT is not set in this process" if said == "" else f"PAVI_ENVIRONMENT is {said!r}"
    trouble = f"{missing}, so the API takes itself for local and follows no rollout: set dev, staging, prod or local"
    if not _complained:
        _complained = True
        _log.error("all new jobs go to Nextflow: %s", trouble)
    return trouble


def flag_reader(environment: str) -> FlagReader:
    """Returns the reader of this process; the first call creates it. Show its `current` in `/api/health`."""
    global _reader
    with _reader_lock:
        if _reader is None:
            _reader = FlagReader(parameter_of(environment))
        return _reader


def use_reader(reader: Optional[FlagReader]) -> None:
    """Sets the reader of this process. With None the next call of `flag_reader` creates one."""
    global _reader
    with _reader_lock:
        _reader = reader


def _after_fork() -> None:
    global _reader_lock
    _reader_lock = threading.Lock()
    for reader in list(_readers):
        reader._of_this_process()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _local_document(pipeline: Any) -> FlagDocument:
    return FlagDocument(
        generation=0,
        writer="environment variables",
        reason="local",
        salt="pavi-local",
        use_step_functions=pipeline.use_step_functions,
        enable_step_functions_rollout=pipeline.enable_step_functions_rollout,
        step_functions_rollout_percentage=pipeline.step_functions_rollout_percentage,
    )


def _fetch_from_ssm(parameter: str, client: Any) -> Callable[[], str]:
    """Returns a function that reads the parameter, within a few seconds.

    The first read creates the client, so importing this file needs no boto3. A forked process creates its own session
    and client: connections cannot be shared, and a thread of the parent may hold the locks of the parent's session.
    """
    made: dict[int, Any] = {}

    def fetch() -> str:
        process = os.getpid()
        if client is None and process not in made:
            import boto3  # type: ignore[import-untyped]
            from botocore.config import Config  # type: ignore[import-untyped]

            limits = Config(connect_timeout=1, read_timeout=2, retries={"max_attempts": 2, "mode": "standard"})
            made.clear()
            made[process] = boto3.session.Session().client("ssm", config=limits)
        ssm = made[process] if client is None else client
        return str(ssm.get_parameter(Name=parameter)["Parameter"]["Value"])

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
