"""An API of the shapes of PAVI's, with the changes of docs/adopt-pavi.md, each of which can be left out by its name.

As PAVI's it keeps Nextflow's jobs in the memory of the process, those of Step Functions in DynamoDB, takes results of the
first from files and of the others from S3, and gives ids of version 1 and 4. From the environment: what PAVI's reads, and
RESULTS (a folder), GOLDEN (a folder with both results of the test job). Arguments: names of changes to leave out.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
import uuid
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Optional

import boto3

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "pavi/python"), str(ROOT / "flags/python")]
import pavi_flags  # noqa: E402

CHANGES = {
    "reader": "1 and 2: the reader decides, and not the variables",
    "probe header": "2: the header x-rollout-probe is followed",
    "backend header": "2 and 5: answers say x-pavi-backend",
    "id": "3: create_job takes the id that was routed",
    "job service": "4: the service does not fall back to memory",
    "status by the job": "5",
    "alignment by the job": "5",
    "seq-info by the job": "5",
    "logs by the job": "5",
    "id as text": "5: the table takes a text",
    "conversion": "5: the service's job is not what the handler answers",
    "health": "6: health follows the document",
}
MISSING = set(sys.argv[1:])
assert MISSING <= set(CHANGES), MISSING - set(CHANGES)

FILES = {"alignment": "alignment-output.aln", "seq-info": "aligned_seq_info.json"}
RESULTS = Path(os.environ["RESULTS"])


def has(change: str) -> bool:
    return change not in MISSING


def environment() -> str:
    said = os.environ.get("PAVI_ENVIRONMENT", "local").lower()
    return said if said in ("local", "dev", "staging", "prod") else "local"


def is_on(name: str, default: bool) -> bool:
    return os.environ.get(name, str(default)).lower() == "true"


pipeline = SimpleNamespace(
    use_step_functions=is_on("USE_STEP_FUNCTIONS", environment() != "local"),
    enable_step_functions_rollout=is_on("ENABLE_STEP_FUNCTIONS_ROLLOUT", False),
    step_functions_rollout_percentage=int(os.environ.get("STEP_FUNCTIONS_ROLLOUT_PERCENTAGE", "0")),
)
config = SimpleNamespace(environment=SimpleNamespace(value=environment()), pipeline=pipeline)
nextflow: dict[str, dict[str, Any]] = {}


class Jobs:
    """Those of Step Functions: in the table, or, where it is switched off, in memory, where nothing ever runs them."""

    def __init__(self, is_used: bool) -> None:
        self.is_used = is_used
        self.memory: dict[str, dict[str, Any]] = {}

    @cached_property
    def table(self) -> Any:
        return boto3.resource("dynamodb").Table(os.environ.get("DYNAMODB_JOBS_TABLE", "pavi-jobs"))

    @cached_property
    def machine(self) -> Any:
        return boto3.client("stepfunctions", endpoint_url=os.environ.get("STEP_FUNCTIONS_ENDPOINT"))

    def create(self, regions: list[Any], job_id: Optional[str]) -> dict[str, Any]:
        job = {"job_id": job_id or str(uuid.uuid4()), "status": "PENDING", "stage": "INITIALIZING", "input_count": len(regions)}
        if self.is_used:
            self.table.put_item(Item=job)
        else:
            self.memory[job["job_id"]] = job
        return job

    def start(self, job_id: str, regions: list[Any]) -> None:
        if not self.is_used:
            self.memory[job_id].update(status="RUNNING", stage="SEQUENCE_RETRIEVAL")
            return
        try:
            arn = os.environ.get("STEP_FUNCTIONS_STATE_MACHINE_ARN")
            if not arn:
                raise ValueError("Step Functions state machine ARN not configured")
            # As PAVI's models dump themselves: with what was left out as null.
            dumped = [{"alt_seq_name_suffix": None, **region} for region in regions]
            text = json.dumps({"job_id": job_id, "seq_regions": dumped, "job_queue_arn": os.environ.get("BATCH_JOB_QUEUE_ARN")})
            started = self.machine.start_execution(stateMachineArn=arn, name=f"pavi-job-{job_id}", input=text)
            self.update(job_id, status="RUNNING", execution_arn=started["executionArn"])
        except Exception as error:
            self.update(job_id, status="FAILED", stage="ERROR", error_message=f"Unexpected error: {error}")

    def get(self, job_id: Any) -> Optional[dict[str, Any]]:
        if not self.is_used:
            return self.memory.get(job_id)
        return self.table.get_item(Key={"job_id": job_id}).get("Item")

    def synced(self, job_id: Any) -> Optional[dict[str, Any]]:
        job = self.get(job_id)
        if job is None or job["status"] not in ("PENDING", "RUNNING") or "execution_arn" not in job:
            return job
        said = self.machine.describe_execution(executionArn=job["execution_arn"])
        if said["status"] == "SUCCEEDED":
            uri = json.loads(said.get("output", "{}")).get("result_s3_uri")
            self.update(job_id, status="COMPLETED", stage="DONE", result_s3_uri=uri)
        elif said["status"] != "RUNNING":
            why = f"{said.get('error')}: {said.get('cause')}"
            self.update(job_id, status="FAILED", stage="ERROR", error_message=why)
        return self.get(job_id)

    def update(self, job_id: str, **fields: str) -> None:
        self.table.update_item(
            Key={"job_id": job_id},
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in fields),
            ExpressionAttributeNames={f"#{name}": name for name in fields},
            ExpressionAttributeValues={f":{name}": value for name, value in fields.items()},
        )


use = pipeline.use_step_functions
jobs = Jobs(is_used=(use or environment() != "local") if has("job service") else use)


class Answer(Exception):
    def __init__(self, status: int, body: Any, headers: Optional[dict[str, str]] = None) -> None:
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers or {}


def routed(asked: Optional[str]) -> tuple[bool, str, dict[str, str]]:
    asked = asked if has("probe header") else None
    if has("reader"):
        job = pavi_flags.new_job(config, asked)
        return job.on_step_functions, job.id, job.headers
    share = pipeline.step_functions_rollout_percentage if pipeline.enable_step_functions_rollout else 100
    side = asked or ("step-functions" if use and hash(str(uuid.uuid1())) % 100 < share else "nextflow")
    is_there = side == "step-functions"
    return is_there, str(uuid.uuid4() if is_there else uuid.uuid1()), {"x-pavi-backend": side}


def create(regions: Any, asked: Optional[str]) -> Answer:
    if not isinstance(regions, list) or not all(isinstance(region, dict) and "seq_id" in region for region in regions):
        raise Answer(422, {"detail": "no list of regions"})
    on_step_functions, job_id, headers = routed(asked)
    if on_step_functions:
        job = jobs.create(regions, job_id if has("id") else None)
        threading.Thread(target=jobs.start, args=(job["job_id"], regions)).start()
        body = shown(job)
    else:
        body = {"uuid": job_id, "status": "running", "name": f"pavi-job-{job_id}", "task_events": []}
        nextflow[job_id] = body
        threading.Thread(target=run_nextflow, args=(job_id, any(r["seq_id"] == "FAILURE_TEST_SEQ_ID" for r in regions))).start()
    if not has("backend header"):
        headers = {name: value for name, value in headers.items() if name != "x-pavi-backend"}
    return Answer(201, body, headers)


def run_nextflow(job_id: str, fails: bool) -> None:
    time.sleep(0.3)
    if not fails:
        shutil.copytree(os.environ["GOLDEN"], RESULTS / job_id)
    nextflow[job_id]["status"] = "failed" if fails else "completed"


def shown(job: dict[str, Any]) -> dict[str, Any]:
    job_id = job["job_id"]
    body = {"uuid": job_id, "status": job["status"].lower(), "name": f"pavi-job-{job_id}", "stage": job["stage"]}
    if "error_message" in job:
        body["error_message"] = job["error_message"]
    return {**body, "input_count": int(job["input_count"])}


def is_on_step_functions(job_id: str, read: str) -> bool:
    if not has(f"{read} by the job"):
        return use
    return job_id not in nextflow and jobs.get(job_id) is not None


def read_status(job_id: str) -> Answer:
    side = "step-functions" if is_on_step_functions(job_id, "status") else "nextflow"
    headers = {"x-pavi-backend": side} if has("backend header") else {}
    if side == "nextflow":
        if job_id not in nextflow:
            raise Answer(404, {"detail": "Job not found."})
        return Answer(200, nextflow[job_id], headers)
    job = jobs.synced(job_id if has("id as text") else uuid.UUID(job_id))
    if job is None:
        raise Answer(404, {"detail": "Job not found."})
    # The service's own object has Decimals, and is no answer.
    return Answer(200, shown(job) if has("conversion") else job, headers)


def read_result(job_id: str, name: str) -> Answer:
    if not is_on_step_functions(job_id, name):
        file = RESULTS / job_id / FILES[name]
        if not file.exists():
            raise Answer(404, {"detail": "File not found."})
        return Answer(200, file.read_text())
    job = jobs.synced(job_id)
    if job is None:
        raise Answer(404, {"detail": "Job not found."})
    if job["status"] != "COMPLETED":
        raise Answer(400, {"detail": f"Results not ready. Job status: {job['status'].lower()}"})
    uri = job["result_s3_uri"].replace(FILES["alignment"], FILES[name])
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        return Answer(200, boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode())
    except Exception as error:
        raise Answer(404, {"detail": "Result file not found."}) from error


def read_logs(job_id: str) -> Answer:
    if is_on_step_functions(job_id, "logs"):
        raise Answer(501, {"detail": "Log retrieval not yet implemented for Step Functions mode."})
    if job_id not in nextflow:
        raise Answer(404, {"detail": "Job not found."})
    return Answer(200, "nextflow log")


def health() -> Answer:
    if has("health"):
        return Answer(200, {"status": "up", "reads_by": "job", **pavi_flags.flag_health(config)})
    body = {"status": "up", "execution_mode": "step_functions" if use else "nextflow", "environment": environment()}
    if pipeline.enable_step_functions_rollout:
        body["rollout"] = {"enabled": True, "percentage": pipeline.step_functions_rollout_percentage}
    return Answer(200, body)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.answer(self.get)

    def do_POST(self) -> None:
        self.answer(self.post)

    def get(self) -> Answer:
        parts = self.path.strip("/").split("/")
        if parts == ["api", "health"]:
            return health()
        if parts[:2] != ["api", "pipeline-job"] or len(parts) < 3:
            raise Answer(404, {"detail": "Not Found"})
        job_id = str(uuid.UUID(parts[2]))
        if parts[3:] == []:
            return read_status(job_id)
        if parts[3:] == ["logs"]:
            return read_logs(job_id)
        return read_result(job_id, parts[4])

    def post(self) -> Answer:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        return create(json.loads(body), self.headers.get("x-rollout-probe"))

    def answer(self, work: Any) -> None:
        try:
            said = work()
            text = said.body if isinstance(said.body, str) else json.dumps(said.body)
        except Answer as refused:
            said, text = refused, json.dumps(refused.body)
        except Exception as error:  # As FastAPI, which tells nobody but its log.
            print(repr(error), file=sys.stderr, flush=True)
            said, text = Answer(500, ""), "Internal Server Error"
        self.send_response(said.status)
        for name, value in {**said.headers, "content-type": "application/json", "content-length": str(len(text.encode()))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: Any) -> None:
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
