"""Run `python3 -m unittest` in this folder. Needs no packages."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable
from unittest import mock
from uuid import UUID

import pavi_golden  # It also puts the folder of rollout_flags on the path.
import pavi_flags
import rollout_flags
from pavi_flags import FlagReader, flag_health, new_job, parse_flags, should_use_step_functions
from rollout_flags import FlagReading, bucket_of, murmur3


def text_of(generation: int, percentage: float) -> str:
    return json.dumps(
        {
            "schema": 1,
            "generation": generation,
            "writer": "rollout-pavi-prod",
            "reason": "test",
            "salt": "pavi-prod",
            "USE_STEP_FUNCTIONS": percentage > 0,
            "ENABLE_STEP_FUNCTIONS_ROLLOUT": percentage > 0,
            "STEP_FUNCTIONS_ROLLOUT_PERCENTAGE": percentage,
        }
    )


class World:
    """A parameter and a clock that the test sets."""

    def __init__(self, text: str = "") -> None:
        self.now = 1_000.0
        self.wall = 1_800_000_000.0
        self.answer: Callable[[], Any] = lambda: text

    def reader(self, **extra: Any) -> FlagReader:
        return FlagReader(fetch=lambda: self.answer(), now=lambda: self.now, wall=lambda: self.wall, **extra)

    def fails(self, error: Exception) -> None:
        def answer() -> str:
            raise error

        self.answer = answer


class Routing(unittest.TestCase):
    def test_agrees_with_every_golden_vector(self) -> None:
        rows = pavi_golden.rows()
        self.assertEqual(len(rows), 10_000)
        self.assertEqual([row for row in rows if row[2] != row[3]], [])

    def test_hashes_the_published_vectors(self) -> None:
        for data, seed, value in [
            (b"", 0, 0),
            (b"", 1, 0x514E28B7),
            (b"aaaa", 0x9747B28C, 0x5A97808A),
            (b"abc", 0x9747B28C, 0xC84A62DD),
            (b"Hello, world!", 0x9747B28C, 0x24884CBA),
            (b"The quick brown fox jumps over the lazy dog", 0, 0x2E4FF723),
        ]:
            self.assertEqual(murmur3(data, seed), value, data)

    def test_half_of_a_surrogate_pair_is_a_replacement_character(self) -> None:
        self.assertEqual(bucket_of("\ud83e", "s"), bucket_of("\ufffd", "s"))


class Reader(unittest.TestCase):
    def setUp(self) -> None:
        self.world = World(text_of(5, 100))
        self.reader = self.world.reader()
        self.reader.stop()  # Reads only when the test says so.

    def test_sends_all_to_nextflow_before_the_first_read(self) -> None:
        why = "all new jobs go to nextflow: the parameter was not read yet"
        self.assertEqual(self.reader.current(), FlagReading(None, "fallback", None, why))
        self.assertEqual(self.reader.route("any"), "nextflow")

    def test_holds_what_was_read_and_says_how_old_it_is(self) -> None:
        self.reader.refresh()
        self.world.now += 0.25
        reading = self.reader.current()
        self.assertEqual((reading.source, reading.age_seconds), ("parameter", 0.25))
        self.assertEqual(reading.why, "generation 5 by rollout-pavi-prod, read 0.250 s ago")
        self.assertEqual(self.reader.route("any"), "step-functions")

    def test_keeps_the_last_good_document(self) -> None:
        def deep() -> str:
            return "[" * 100_000

        for answer, why in [
            (OSError("ThrottlingException"), "could not be read: ThrottlingException"),
            (KeyError(), "could not be read: KeyError"),
            ("", "refused: not JSON"),
            (deep(), "refused: not JSON"),
            (None, "refused: "),
            ('{"schema":2}', "refused: schema is 2"),
            (text_of(4, 0), "generation 4 is lower than 5"),
        ]:
            with self.subTest(why=why):
                self.world.answer = lambda: text_of(5, 100)
                self.reader.refresh()
                if isinstance(answer, Exception):
                    self.world.fails(answer)
                else:
                    self.world.answer = lambda answer=answer: answer
                self.world.now += 5
                reading = self.reader.refresh()
                self.assertEqual((reading.source, reading.age_seconds), ("last-good", 5))
                self.assertEqual(reading.document, parse_flags(text_of(5, 100)))
                self.assertIn(why, reading.why)

    def test_takes_an_equal_generation_edited_by_hand(self) -> None:
        self.reader.refresh()
        self.world.answer = lambda: text_of(5, 0)
        self.reader.refresh()
        self.assertEqual(self.reader.route("any"), "nextflow")

    def test_an_id_that_is_no_text_goes_to_nextflow_instead_of_failing_the_request(self) -> None:
        class Unprintable:
            def __format__(self, _spec: str) -> str:
                raise ValueError

        self.reader.refresh()
        self.assertEqual(self.reader.route(Unprintable()), "nextflow")  # type: ignore[arg-type]

    def test_tells_of_every_read_and_survives_a_listener_that_fails(self) -> None:
        told: list[tuple[str, float, str]] = []

        def on_read(result: str, took: float, reading: FlagReading) -> None:
            told.append((result, took, reading.source))
            raise RuntimeError("metrics are down")

        reader = self.world.reader(on_read=on_read)
        with self.assertLogs("rollout_flags"):
            reader.refresh()
            self.world.fails(OSError("no route"))
            reader.refresh()
            self.world.answer = lambda: text_of(1, 0)
            reader.refresh()
        self.assertEqual(told, [("taken", 0, "parameter"), ("failed", 0, "last-good"), ("refused", 0, "last-good")])


class Background(unittest.TestCase):
    def test_the_first_question_starts_the_reads_and_they_go_on(self) -> None:
        twice = threading.Event()
        reads: list[int] = []

        def fetch() -> str:
            reads.append(threading.get_ident())
            if len(reads) >= 2:
                twice.set()
            return text_of(len(reads), 100)

        reader = FlagReader(fetch=fetch, refresh_seconds=0.01)
        self.assertEqual(reads, [])
        reader.current()
        self.assertTrue(twice.wait(60))
        reader.stop()
        self.assertNotIn(threading.get_ident(), reads)

    def test_requests_at_the_same_time_start_one_thread(self) -> None:
        reader = FlagReader(fetch=lambda: text_of(1, 0), refresh_seconds=60)
        together = threading.Barrier(8)
        started: list[int] = []

        def ask() -> None:
            together.wait()
            reader.current()

        with mock.patch.object(reader, "_repeat", lambda: started.append(1)):
            threads = [threading.Thread(target=ask) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            for thread in threading.enumerate():
                if thread.name == "rollout-flags":
                    thread.join()
        self.assertEqual(started, [1])

    @unittest.skipUnless(hasattr(os, "fork"), "needs fork")
    def test_a_forked_worker_reads_for_itself(self) -> None:
        parent = os.getpid()
        read = threading.Event()

        def fetch() -> str:
            if os.getpid() != parent:
                read.set()
            return text_of(1, 100)

        reader = FlagReader(fetch=fetch, refresh_seconds=60)
        reader.current()
        child = os.fork()
        if child == 0:
            reader.current()
            os._exit(0 if read.wait(60) else 1)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        reader.stop()

    def test_waits_are_spread_at_first_and_jittered_then(self) -> None:
        reader = FlagReader(fetch=lambda: text_of(1, 0), refresh_seconds=10)
        waits: list[float] = []

        def wait(delay: float) -> None:
            waits.append(delay)
            if len(waits) == 300:
                reader.stop()

        with mock.patch.object(reader._stop, "wait", wait):
            reader._repeat()
        self.assertTrue(0 <= waits[0] <= 10)
        self.assertTrue(all(8 <= delay <= 12 for delay in waits[1:]))
        self.assertGreater(len(set(waits)), 290)


def hangs(test: unittest.TestCase) -> Callable[[], str]:
    """A read that does not end before the test does."""
    is_over = threading.Event()
    test.addCleanup(is_over.set)

    def answer() -> str:
        is_over.wait()
        raise OSError("over")

    return answer


class Age(unittest.TestCase):
    """A document may be old although no read has failed: after a fork, and after the process was suspended."""

    def test_a_document_is_stale_when_whole_refreshes_are_missing(self) -> None:
        for clock in ("now", "wall"):
            with self.subTest(clock=clock):
                world = World(text_of(5, 100))
                reader = world.reader()
                reader.stop()
                reader.refresh()
                setattr(world, clock, getattr(world, clock) + 12)
                self.assertEqual(reader.current().source, "parameter")
                setattr(world, clock, getattr(world, clock) + 0.5)
                reading = reader.current()
                self.assertEqual((reading.source, reading.age_seconds), ("last-good", 12.5))
                self.assertIn("no read has ended since", reading.why)
                self.assertEqual(reader.route("any"), "step-functions")

    def test_a_clock_put_back_makes_nothing_younger(self) -> None:
        world = World(text_of(5, 100))
        reader = world.reader()
        reader.stop()
        reader.refresh()
        world.wall -= 3_600
        world.now += 11
        self.assertEqual(reader.current().age_seconds, 11)

    def test_the_first_answers_after_a_gap_are_new(self) -> None:
        for clock in ("now", "wall"):
            with self.subTest(clock=clock):
                world = World(text_of(1, 100))
                # The thread of the reader waits so long that it is as if it stood still.
                reader = world.reader(refresh_seconds=60, first_answer_within=60)
                self.addCleanup(reader.stop)
                self.assertEqual(reader.current().source, "parameter")
                world.answer = lambda: text_of(2, 0)
                setattr(world, clock, getattr(world, clock) + 73)
                answers: list[FlagReading] = []
                threads = [threading.Thread(target=lambda: answers.append(reader.current())) for _ in range(4)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                self.assertEqual([reading.source for reading in answers], ["parameter"] * 4)
                self.assertEqual([reading.document.generation for reading in answers if reading.document], [2] * 4)

    def test_no_request_waits_while_reads_are_tried_and_only_fail(self) -> None:
        world = World(text_of(1, 100))
        reader = world.reader(refresh_seconds=60)
        self.addCleanup(reader.stop)
        reader.current()
        world.fails(OSError("down"))
        for _ in range(5):
            world.now += 60
            reader.refresh()
            with mock.patch.object(reader, "_begin", side_effect=AssertionError("a request waits")):
                self.assertEqual(reader.current().source, "last-good")

    def test_the_wait_is_bounded_and_the_answer_is_marked(self) -> None:
        world = World(text_of(1, 100))
        reader = FlagReader(fetch=lambda: world.answer(), refresh_seconds=60, first_answer_within=0.05)
        self.addCleanup(reader.stop)
        reader.refresh()
        world.answer = hangs(self)
        with mock.patch.object(reader, "_wall", lambda: time.time() + 90):
            readings = [reader.current() for _ in range(3)]
        self.assertEqual([reading.source for reading in readings], ["last-good"] * 3)
        self.assertIn("no read has ended since", readings[0].why)

    def test_the_first_answer_of_a_process_waits_for_its_first_read(self) -> None:
        reader = World(text_of(1, 100)).reader(first_answer_within=60)
        self.addCleanup(reader.stop)
        self.assertEqual(reader.current().source, "parameter")

    def test_without_a_thread_it_answers_and_says_so(self) -> None:
        reader = World(text_of(1, 100)).reader()
        with mock.patch.object(threading.Thread, "start", side_effect=RuntimeError("can't start new thread")):
            reading = reader.current()
        self.assertEqual(reading.source, "fallback")
        self.assertIn("no thread can read the parameter", reading.why)

    @unittest.skipUnless(hasattr(signal, "SIGSTOP"), "needs SIGSTOP")
    def test_a_real_process_that_was_stopped_answers_first_with_what_is_there_now(self) -> None:
        script = """if True:
            import sys
            from pathlib import Path
            from pavi_flags import FlagReader
            reader = FlagReader(fetch=Path(sys.argv[1]).read_text, refresh_seconds=0.5, first_answer_within=60)
            for _ in sys.stdin:
                reading = reader.current()
                print(reading.source, reading.document.generation, flush=True)
        """
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "flag.json")
            file.write_text(text_of(1, 100))
            child = subprocess.Popen(
                [sys.executable, "-B", "-c", script, str(file)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=Path(__file__).parent,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )
            assert child.stdin is not None and child.stdout is not None

            def ask() -> None:
                child.stdin.write("ask\n")  # type: ignore[union-attr]
                child.stdin.flush()  # type: ignore[union-attr]

            try:
                ask()
                self.assertEqual(child.stdout.readline(), "parameter 1\n")
                child.send_signal(signal.SIGSTOP)
                Path(folder, "new").write_text(text_of(2, 0))
                Path(folder, "new").replace(file)
                time.sleep(1.5)
                ask()
                child.send_signal(signal.SIGCONT)
                self.assertEqual(child.stdout.readline(), "parameter 2\n")
            finally:
                child.kill()
                child.communicate()


@unittest.skipUnless(hasattr(os, "fork"), "needs fork")
class Fork(unittest.TestCase):
    """Like a server that loads the application before it forks its workers (gunicorn's `preload_app`, uWSGI)."""

    def in_child(self, work: Callable[[], bool]) -> None:
        child = os.fork()
        if child == 0:
            code = 2
            try:
                code = 0 if work() else 1
            finally:
                os._exit(code)
        self.assertEqual(os.waitpid(child, 0)[1], 0)

    def test_the_first_answer_of_a_worker_is_new_and_not_its_parents(self) -> None:
        world = World(text_of(1, 100))
        reader = world.reader(refresh_seconds=5, first_answer_within=60)
        self.addCleanup(reader.stop)
        reader.current()
        world.answer = lambda: text_of(2, 0)
        world.now += 5.1

        def work() -> bool:
            reading = reader.current()
            return reading.source == "parameter" and reading.document == parse_flags(text_of(2, 0))

        self.in_child(work)

    def test_a_worker_answers_though_the_parent_was_reading_when_it_was_forked(self) -> None:
        world = World(text_of(1, 100))
        reader = FlagReader(fetch=lambda: world.answer(), refresh_seconds=60, first_answer_within=60)
        self.addCleanup(reader.stop)
        reader.refresh()
        in_read = threading.Event()

        hanging = hangs(self)

        def answer() -> str:
            in_read.set()
            return hanging()

        world.answer = answer
        threading.Thread(target=reader.refresh, daemon=True).start()
        in_read.wait()
        world.answer = lambda: text_of(2, 0)
        with reader._deciding, pavi_flags._reader_lock:  # As if other threads held them in that moment.
            self.in_child(lambda: reader.refresh().source == "parameter" and pavi_flags.use_reader(reader) is None)

    def test_a_worker_whose_read_hangs_answers_in_bounded_time_and_marks_it(self) -> None:
        world = World(text_of(1, 100))
        reader = FlagReader(fetch=lambda: world.answer(), refresh_seconds=5, first_answer_within=0.05)
        self.addCleanup(reader.stop)
        reader.refresh()
        world.answer = hangs(self)
        with mock.patch.object(reader, "_wall", lambda: time.time() + 6):
            self.in_child(lambda: reader.current().source == "last-good" and reader.route("any") == "step-functions")

    def test_a_worker_makes_its_own_client(self) -> None:
        made: list[int] = []

        class Session:
            def client(self, _service: str, config: Any) -> Any:
                made.append(os.getpid())
                value = {"Parameter": {"Value": text_of(len(made), 100)}}
                return SimpleNamespace(get_parameter=lambda Name: value)

        boto3 = SimpleNamespace(session=SimpleNamespace(Session=Session))
        config = SimpleNamespace(Config=lambda **_limits: None)
        with mock.patch.dict("sys.modules", {"boto3": boto3, "botocore": SimpleNamespace(), "botocore.config": config}):
            reader = FlagReader("/pavi/prod/step-functions-rollout")
            self.assertEqual([reader.refresh().source, reader.refresh().source], ["parameter", "parameter"])
            self.assertEqual(made, [os.getpid()])
            self.in_child(lambda: reader.refresh().source == "parameter" and made[1:] == [os.getpid()])


class DropIn(unittest.TestCase):
    def config(self, environment: str, **pipeline: Any) -> Any:
        # The shape of APIConfig in agr_pavi, api/src/config.py.
        return SimpleNamespace(environment=SimpleNamespace(value=environment), pipeline=SimpleNamespace(**pipeline))

    def tearDown(self) -> None:
        pavi_flags.use_reader(None)

    def test_goes_by_the_parameter_and_not_by_the_variables(self) -> None:
        config = self.config("prod", use_step_functions=True, enable_step_functions_rollout=False)
        world = World(text_of(1, 0))
        reader = world.reader()
        reader.stop()
        pavi_flags.use_reader(reader)
        self.assertIs(should_use_step_functions(config, "a"), False)
        for percentage, wanted in [(0, False), (100, True)]:
            world.answer = lambda percentage=percentage: text_of(1, percentage)
            reader.refresh()
            self.assertIs(should_use_step_functions(config, "a"), wanted)
            self.assertIs(should_use_step_functions(config), wanted)
        world.answer = lambda: text_of(1, 25)
        reader.refresh()
        jobs = [f"job-{index}" for index in range(200)]
        taken = [job for job in jobs if should_use_step_functions(config, job)]
        self.assertEqual(taken, [job for job in jobs if bucket_of(job, "pavi-prod") < 2_500])
        self.assertIs(should_use_step_functions(config), False)

    def test_asks_ssm_for_the_parameter_of_the_environment(self) -> None:
        asked: list[str] = []

        class Client:
            def get_parameter(self, Name: str) -> Any:
                asked.append(Name)
                return {"Parameter": {"Value": text_of(3, 100)}}

        reader = FlagReader("/pavi/prod/step-functions-rollout", client=Client())
        self.assertEqual(reader.refresh().source, "parameter")
        self.assertEqual(asked, ["/pavi/prod/step-functions-rollout"])

    def test_without_boto3_jobs_go_to_nextflow_and_the_reading_says_why(self) -> None:
        with mock.patch.dict("sys.modules", {"boto3": None}):
            reading = FlagReader("/pavi/prod/step-functions-rollout").refresh()
        self.assertEqual(reading.source, "fallback")
        self.assertIn("boto3", reading.why)

    @mock.patch.dict(os.environ, {"PAVI_ENVIRONMENT": "local"})
    def test_local_goes_by_the_variables_with_a_stable_hash(self) -> None:
        def goes(use: bool, enable: bool, percentage: int, job_id: str = "job-1") -> bool:
            names = ("use_step_functions", "enable_step_functions_rollout", "step_functions_rollout_percentage")
            config = self.config("local", **dict(zip(names, (use, enable, percentage))))
            return should_use_step_functions(config, job_id)

        self.assertEqual([goes(False, True, 100), goes(True, False, 0), goes(True, True, 0)], [False, True, False])
        taken = [index for index in range(300) if goes(True, True, 25, f"job-{index}")]
        self.assertEqual(taken, [index for index in range(300) if bucket_of(f"job-{index}", "pavi-local") < 2_500])

    @mock.patch.dict(os.environ, {"PAVI_ENVIRONMENT": "Local"})
    def test_local_says_in_its_health_that_it_follows_no_parameter(self) -> None:
        names = ("use_step_functions", "enable_step_functions_rollout", "step_functions_rollout_percentage")
        said = flag_health(self.config("local", **dict(zip(names, (True, True, 25)))))
        self.assertEqual(said["rollout"], {"enabled": True, "percentage": 25})
        self.assertEqual((said["execution_mode"], said["flags"]["source"]), ("step_functions", "variables"))

    def test_an_environment_that_is_missing_or_not_known_sends_nothing_to_step_functions_and_says_so(self) -> None:
        # As PAVI's config.py does it: what it does not know is `local`.
        config = self.config("local", use_step_functions=True, enable_step_functions_rollout=False)
        for said, words in [(None, "is not set"), ("", "is not set"), ("production", "is 'production'"), ("prod ", "")]:
            with self.subTest(said=said), mock.patch.dict(os.environ), mock.patch.object(pavi_flags, "_complained", False):
                os.environ.pop("PAVI_ENVIRONMENT", None)
                if said is not None:
                    os.environ["PAVI_ENVIRONMENT"] = said
                with self.assertLogs("pavi_flags", "ERROR") as logs:
                    self.assertIs(should_use_step_functions(config, "a"), False)
                    self.assertIs(new_job(config).on_step_functions, False)
                    flags = flag_health(config)["flags"]
                self.assertEqual(len(logs.output), 1)
                self.assertEqual(flags["source"], "fallback")
                self.assertIn(f"PAVI_ENVIRONMENT {words}", flags["why"])
                self.assertIn("follows no rollout", logs.output[0])

    def test_a_parameter_that_is_named_is_followed_in_any_environment(self) -> None:
        with mock.patch.dict(os.environ, {"PAVI_FLAG_PARAMETER": "/mine"}):
            self.assertEqual(pavi_flags.parameter_of("local"), "/mine")
            self.follows(text_of(3, 25))
            self.assertEqual(flag_health(self.config("local"))["flags"]["parameter"], "/mine")

    def test_health_says_what_the_document_says_and_where_it_is_from(self) -> None:
        config = self.config("prod", use_step_functions=True, enable_step_functions_rollout=False)
        world = self.follows("nonsense")
        said = flag_health(config)
        self.assertEqual((said["environment"], said["execution_mode"], "rollout" in said), ("prod", "nextflow", False))
        self.assertEqual(said["flags"]["source"], "fallback")
        self.assertIn("refused", said["flags"]["why"])
        for percentage, mode in [(12.5, "step_functions"), (0, "nextflow")]:
            world.answer = lambda percentage=percentage: text_of(7, percentage)
            pavi_flags.flag_reader("prod").refresh()
            said = flag_health(config)
            self.assertEqual(said["execution_mode"], mode)
            self.assertEqual(said.get("rollout", {}).get("percentage", 0), percentage)
            flags = dict(said["flags"])
            self.assertEqual(flags.pop("why"), "generation 7 by rollout-pavi-prod, read 0.000 s ago")
            wanted = {"source": "parameter", "parameter": "/pavi/prod/step-functions-rollout", "generation": 7, "ageMs": 0}
            self.assertEqual(flags, wanted)

    def follows(self, text: str) -> World:
        world = World(text)
        reader = world.reader()
        reader.stop()
        reader.refresh()
        pavi_flags.use_reader(reader)
        return world

    def test_a_new_job_has_the_id_it_was_routed_by_in_the_version_of_its_side(self) -> None:
        config = self.config("prod")
        for percentage in (0, 0.01, 10, 50, 99, 100):
            self.follows(text_of(1, percentage))
            made = [new_job(config) for _ in range(300)]
            for job in made:
                self.assertEqual(should_use_step_functions(config, job.id), job.on_step_functions)
                self.assertEqual(UUID(job.id).version, 4 if job.on_step_functions else 1)
                backend = "step-functions" if job.on_step_functions else "nextflow"
                self.assertEqual(job.headers, {"x-pavi-backend": backend, "x-pavi-routed-id": job.id})
            share = 100 * sum(job.on_step_functions for job in made) / len(made)
            # Six standard deviations of 300 jobs: one run in half a billion is outside.
            self.assertLessEqual(abs(share - percentage), 6 * (percentage * (100 - percentage) / 300) ** 0.5 + 1.5)
            self.assertEqual(len({job.id for job in made}), 300)

    def test_a_probe_chooses_its_side(self) -> None:
        for percentage in (0, 100):
            self.follows(text_of(1, percentage))
            for asked, version in [("step-functions", 4), ("nextflow", 1)]:
                job = new_job(self.config("prod"), asked)
                self.assertEqual((job.on_step_functions, UUID(job.id).version), (version == 4, version))
                self.assertEqual(job.headers["x-pavi-backend"], asked)
            for asked in (None, "", "Step-Functions", "elsewhere"):
                self.assertIs(new_job(self.config("prod"), asked).on_step_functions, percentage == 100)


if __name__ == "__main__":
    unittest.main()
