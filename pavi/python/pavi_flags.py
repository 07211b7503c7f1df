"""Lets PAVI's API follow a rollout: `rollout_flags` with PAVI's names.

PAVI's API calls `new_job` and `flag_health`; docs/adopt-pavi.md lists every change. The API needs this file and
`flags/python/rollout_flags.py` beside it.
"""

from __future__ import annotations

import logging
import os
import threading
import uuid
from dataclasses import dataclass
from typing import Any, Optional

import rollout_flags
from rollout_flags import FlagDocument, FlagFormat, Sides, Switch, is_new

FORMAT = FlagFormat(
    "STEP_FUNCTIONS_ROLLOUT_PERCENTAGE",
    (
        Switch("USE_STEP_FUNCTIONS", above=True, at_zero=False, while_off=0),
        Switch("ENABLE_STEP_FUNCTIONS_ROLLOUT", above=True, at_zero=False, while_off=100),
    ),
)
SIDES = Sides("step-functions", "nextflow")
_log = logging.getLogger(__name__)


class FlagReader(rollout_flags.FlagReader):
    """Reads PAVI's document."""

    def __init__(self, parameter: str = "", client: Any = None, **options: Any) -> None:
        super().__init__(parameter, client, format=FORMAT, sides=SIDES, **options)


def parse_flags(text: str) -> FlagDocument:
    """Reads a parameter's value, or raises FlagsRefused."""
    return rollout_flags.parse_flags(text, FORMAT)


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
    if document is not None and is_new(id_on_step_functions, document):
        return _new_job(id_on_step_functions, True)
    # As many ids of the other version as it takes for one that the same document sends to Nextflow too.
    job_id = str(uuid.uuid1())
    for _ in range(_MOST_DRAWS):
        if document is None or not is_new(job_id, document):
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
        return document.percentage >= 100
    return is_new(str(job_id), document)


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
        flags = {"source": "fallback", "why": f"all new jobs go to {SIDES.old}: {trouble}"}
    else:
        reading = flag_reader(environment).current()
        document = reading.document
        flags = {"source": reading.source, "why": reading.why, "parameter": parameter_of(environment)}
        if document is not None:
            flags["generation"] = document.generation
            flags["ageMs"] = round((reading.age_seconds or 0) * 1_000)
    said["execution_mode"] = "step_functions" if document and document.values["USE_STEP_FUNCTIONS"] else "nextflow"
    if document and document.values["ENABLE_STEP_FUNCTIONS_ROLLOUT"]:
        percentage = document.values["STEP_FUNCTIONS_ROLLOUT_PERCENTAGE"]
        said["rollout"] = {"enabled": True, "percentage": percentage}
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
        _log.error("all new jobs go to %s: %s", SIDES.old, trouble)
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


def _local_document(pipeline: Any) -> FlagDocument:
    values = {
        "USE_STEP_FUNCTIONS": pipeline.use_step_functions,
        "ENABLE_STEP_FUNCTIONS_ROLLOUT": pipeline.enable_step_functions_rollout,
        "STEP_FUNCTIONS_ROLLOUT_PERCENTAGE": pipeline.step_functions_rollout_percentage,
    }
    off = next((switch for switch in FORMAT.switches if not values[switch.name]), None)
    percentage = values[FORMAT.percentage] if off is None else off.while_off
    return FlagDocument(0, "environment variables", "local", "pavi-local", percentage, values)


def _after_fork() -> None:
    global _reader_lock
    _reader_lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
