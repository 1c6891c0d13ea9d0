#!/usr/bin/env python3
"""Measures bluejayctl side by side with others, in one run on one machine.

    python3 benches/compare/run.py            everything; writes docs/performance.md
    python3 benches/compare/run.py --quick    small sizes, in seconds; prints only

Whole processes, warm cache. Those that are compared take turns, so that whatever
else the machine does meets all of them; a time is the median of the rounds. Memory
is the largest resident size that the operating system accounted to the process.
Needs Rust and Python 3.9; ajv (npm) and check-jsonschema and requests (pip) are
installed into a scratch folder, and left out with a word where that fails.
"""

import argparse
import datetime
import http.client
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from chart import chart
from page import page

ROOT = pathlib.Path(__file__).resolve().parents[2]
LATENCY = 0.020
PARALLELISM = 64


def measure(command, cwd, env=None):
    """Runs to the end. Seconds, peak bytes of memory, bytes written to disk."""
    started = time.perf_counter()
    child = subprocess.Popen(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, "BLUEJAY_API_KEY": "benchmark", **(env or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    stderr = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if child.returncode != 0:
        sys.exit(f"{command}: exit {child.returncode}\n{stderr.decode()[-2000:]}")
    scale = 1 if sys.platform == "darwin" else 1024
    return seconds, usage.ru_maxrss * scale, usage.ru_oublock * 512


def in_turns(contestants, rounds):
    """The medians of each, by name; each round runs all of them."""
    taken = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            taken[name].append(run())
    return {
        name: tuple(statistics.median(column) for column in zip(*runs))
        for name, runs in taken.items()
    }


class Programs:
    """Everything that takes part."""

    def __init__(self, scratch):
        self.scratch = scratch
        self.missing = []
        cargo = ["cargo", "bench", "--no-run", "--message-format=json-render-diagnostics"]
        built = subprocess.run(
            [*cargo, "--bench", "pipeline", "--bench", "corpus"],
            cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True,
        ).stdout
        found = {}
        for line in built.splitlines():
            message = json.loads(line)
            if message.get("executable"):
                found[message["target"]["name"]] = message["executable"]
        self.pipeline, self.corpus = found["pipeline"], found["corpus"]
        subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=ROOT, check=True)
        target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
        self.own = target / "release" / "bluejayctl"
        self.ajv = self._ajv()
        self.python = self._python()

    def _ajv(self):
        try:
            subprocess.run(
                ["npm", "install", "--silent", "--prefix", self.scratch / "npm", "ajv-cli@5", "ajv-formats@3"],
                check=True, stdout=subprocess.DEVNULL,
            )
            return self.scratch / "npm" / "node_modules" / ".bin" / "ajv"
        except (OSError, subprocess.CalledProcessError) as error:
            self.missing.append(f"ajv ({type(error).__name__}: npm could not install it)")
            return None

    def _python(self):
        venv = self.scratch / "venv"
        try:
            subprocess.run([sys.executable, "-m", "venv", venv], check=True)
            subprocess.run(
                [venv / "bin" / "pip", "install", "--quiet", "check-jsonschema", "requests"], check=True
            )
            return venv / "bin"
        except (OSError, subprocess.CalledProcessError) as error:
            self.missing.append(f"check-jsonschema and requests ({type(error).__name__}: pip could not install them)")
            return None

    def repository(self, count):
        folder = self.scratch / f"simulations-{count}"
        if not folder.exists():
            folder.mkdir()
            subprocess.run([self.corpus, str(count), str(folder)], check=True)
        return folder


class Server:
    """The sandbox as a process of its own."""

    def __init__(self, own, latency=None):
        command = [str(own), "-q", "sandbox", "--port", "0"]
        if latency:
            command += ["--fault", f"latency:delay={int(latency * 1000)}ms"]
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.url = self.child.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.wait()

    def seen_latency(self, requests=100):
        """What one request after the other takes, seen from outside."""
        host = self.url.removeprefix("http://")
        connection = http.client.HTTPConnection(host)
        taken = []
        for _ in range(requests):
            started = time.perf_counter()
            connection.request("GET", "/v1/simulation/1", headers={"X-API-Key": "benchmark"})
            connection.getresponse().read()
            taken.append(time.perf_counter() - started)
        return statistics.median(taken)


def fresh(programs, count, server):
    """A copy of the repository without lockfiles."""
    folder = programs.scratch / "work"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    share(programs.repository(count), folder)
    return folder


def share(repository, folder):
    """The same files in another folder: links out of a project are not followed."""
    shutil.copytree(repository / "simulations", folder / "simulations", copy_function=os.link)


def validating(programs, count, rounds, slow_rounds):
    folder = programs.repository(count)
    schema = ROOT / "schemas" / "simulation.schema.json"
    quick = {
        "bluejayctl validate": lambda: measure([programs.own, "validate"], folder),
        "pipeline of parts": lambda: measure([programs.pipeline, folder, schema], folder),
    }
    slow = {}
    if programs.ajv:
        pattern = str(folder / "simulations" / "**" / "*.yaml")
        slow["ajv"] = lambda: measure(
            [programs.ajv, "validate", "--spec=draft7", "--strict=false", "-s", schema, "-d", pattern], folder
        )
    if programs.python:
        files = sorted((folder / "simulations").rglob("*.yaml"))
        slow["check-jsonschema"] = lambda: measure(
            [programs.python / "check-jsonschema", "--schemafile", schema, *files], folder
        )
    return {**in_turns(quick, rounds), **in_turns({**slow, **quick} if slow else {}, slow_rounds), **in_turns(quick, rounds)}


def with_lockfile(programs, count):
    """A repository whose simulations are all applied to the sandbox inside."""
    folder = programs.scratch / f"applied-{count}"
    if not folder.exists():
        folder.mkdir()
        share(programs.repository(count), folder)
        measure([programs.own, "apply", "--sandbox", "--parallelism", str(PARALLELISM), "-q"], folder)
    return folder


def planning(programs, count, rounds):
    folder = with_lockfile(programs, count)
    schema = ROOT / "schemas" / "simulation.schema.json"
    return in_turns(
        {
            "bluejayctl plan": lambda: measure([programs.own, "plan", "--sandbox"], folder),
            "bluejayctl validate": lambda: measure([programs.own, "validate"], folder),
            "pipeline of parts": lambda: measure([programs.pipeline, folder / "simulations", schema], folder),
        },
        rounds,
    )


def applying(programs, count, rounds):
    """Creates, then reads, at a latency: seconds, memory, bytes written."""
    def once(then):
        with Server(programs.own, LATENCY) as server:
            folder = fresh(programs, count, server)
            at = ["--api-url", server.url, "--parallelism", str(PARALLELISM), "-q"]
            start_up = measure([programs.own, "validate", "-q"], folder)
            apply = measure([programs.own, "apply", *at], folder)
            result = {"validate": start_up, "apply": apply, "latency": server.seen_latency()}
            for name, command in then.items():
                result[name] = measure([programs.own, *command, *at], folder)
            return result
    then = {"drift": ["drift"], "plan --refresh": ["plan", "--refresh"]}
    runs = [once(then) for _ in range(rounds)]
    median = statistics.median
    result = {"latency": median(run["latency"] for run in runs), "count": count}
    for name in ["validate", "apply", "drift", "plan --refresh"]:
        result[name] = tuple(median(column) for column in zip(*(run[name] for run in runs)))
    return result


def scripting(programs, count):
    """A plain script that creates one after the other: seconds for each."""
    if not programs.python:
        return None
    script = pathlib.Path(__file__).with_name("script.py")
    with Server(programs.own, LATENCY) as server:
        folder = programs.repository(max(count, 100)) / "simulations"
        seconds, _, _ = measure([programs.python / "python", script, server.url, folder, str(count)], ROOT)
    return seconds / count


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, prints only")
    quick = parser.parse_args().quick
    small, large, rounds = (200, 1_000, 2) if quick else (10_000, 100_000, 7)
    creates = [100, 400] if quick else [1_000, 10_000, 20_000]
    with tempfile.TemporaryDirectory(prefix="bluejayctl-compare-") as scratch:
        programs = Programs(pathlib.Path(scratch))
        results = {
            "small": small,
            "large": large,
            "rounds": rounds,
            "missing": programs.missing,
            "validate": validating(programs, small, rounds, 1 if not quick else 1),
            "plan": planning(programs, small, rounds),
            "plan_large": planning(programs, large, 1 if quick else 3),
            "apply": [applying(programs, count, 1 if quick else 3) for count in creates],
            "script": scripting(programs, 20 if quick else 200),
            "latency": LATENCY,
            "parallelism": PARALLELISM,
            "machine": machine(),
        }
    text, ratios = page(results)
    print(text)
    if not quick:
        (ROOT / "docs" / "performance.md").write_text(text)
        (ROOT / "docs" / "performance.svg").write_text(chart(ratios))


def machine():
    model = platform.processor() or platform.machine()
    memory = "unknown"
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
        for line in pathlib.Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemTotal"):
                memory = f"{int(line.split()[1]) / 1024 / 1024:.0f} GiB"
    except OSError:
        pass
    version = lambda *command: subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=False
    ).stdout.strip().splitlines()
    first = lambda lines: lines[0] if lines else "none"
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "memory": memory,
        "system": f"{platform.system()} {platform.release()}",
        "rust": first(version("rustc", "--version")),
        "python": platform.python_version(),
        "node": first(version("node", "--version")) if shutil.which("node") else "none",
        "date": datetime.date.today().isoformat(),
    }


if __name__ == "__main__":
    main()
