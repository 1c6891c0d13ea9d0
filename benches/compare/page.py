"""The page of figures."""

import pathlib

MIB = 1024 * 1024


def page(results):
    """The page as text, and the ratios of its chart."""
    small, large = results["small"], results["large"]
    validate, plan = results["validate"], results["plan"]
    own = validate["bluejayctl validate"][0]
    ratios = [
        (f"{name}, {small:,} files", seconds / own)
        for name, (seconds, _, _) in validate.items()
    ]
    lines = [HEAD.format(**results["machine"])]
    for missing in results["missing"]:
        lines.append(f"Left out here: {missing}.\n")
    lines.append("![How many times as long as bluejayctl](performance.svg)\n")

    lines.append(f"## Checking {small:,} files\n")
    lines += table(
        ["whole process", "seconds", "times `validate`", "peak memory"],
        [
            [name, f"{seconds:.2f}", f"{seconds / own:.2f}", mib(memory)]
            for name, (seconds, memory, _) in validate.items()
        ],
    )
    lines.append(PIPELINE)

    lines.append(f"## Planning {small:,} and {large:,} files, with a lockfile of the same size\n")
    big = results["plan_large"]
    lines += table(
        ["whole process", f"{small:,}: seconds", "times the pipeline", "peak memory",
         f"{large:,}: seconds", "times the pipeline", "peak memory",
         f"{large:,} / {small:,}"],
        [
            [name, f"{plan[name][0]:.2f}", f"{plan[name][0] / plan['pipeline of parts'][0]:.2f}",
             mib(plan[name][1]), f"{big[name][0]:.2f}",
             f"{big[name][0] / big['pipeline of parts'][0]:.2f}", mib(big[name][1]),
             f"{big[name][0] / plan[name][0]:.1f}"]
            for name in plan
        ],
    )

    latency, parallelism = results["latency"], results["parallelism"]
    lines.append(f"## Creating and reading at {latency * 1000:.0f} ms, {parallelism} at a time\n")
    rows = []
    smaller = None
    for run in results["apply"]:
        count = run["count"]
        ideal = count * latency / parallelism
        start_up = run["validate"][0]
        for name in ["apply", "drift", "plan --refresh"]:
            seconds, memory, written = run[name]
            more = "" if smaller is None else (
                f"{(seconds - smaller[name][0]) / (ideal - smaller['count'] * latency / parallelism):.2f}"
            )
            rows.append([
                f"`{name}`", f"{count:,}", f"{seconds:.2f}", f"{seconds / ideal:.2f}",
                f"{(seconds - start_up) / ideal:.2f}", more,
                f"{written / count:,.0f}", mib(memory),
            ])
        smaller = run
    lines += table(
        ["command", "N", "seconds", "whole process / ideal", "without reading the files / ideal",
         "each additional simulation / ideal", "bytes written per simulation", "peak memory"],
        rows,
    )
    seen = results["apply"][-1]["latency"] * 1000
    lines.append(APPLY.format(seen=seen))
    if results["script"]:
        run = next(run for run in results["apply"] if run["count"] == results["apply"][-1]["count"])
        each = run["apply"][0] / run["count"]
        ratio = results["script"] / each
        lines.append(
            f"A plain script with `requests` takes {results['script'] * 1000:.1f} ms for each create, one "
            f"after the other: {ratio:.0f} times as long as `apply`. The script was measured with fewer "
            "simulations, because its time per create is constant. After a crash, the script has lost the ids.\n"
        )
        ratios.append((f"script with requests, {run['count']:,} creates", ratio))
    ratios.append(("bluejayctl", 1.0))
    rounds = results["rounds"]
    lines.append(f"The times are medians of {rounds} rounds for {small:,} files, of 3 rounds for more files and for creates, "
                 "and of 1 round for the slowest commands.\n")
    paper = pathlib.Path(__file__).with_name("paper.md").read_text()
    lines.append(paper)
    unique = {}
    for name, ratio in ratios:
        if not name.startswith("bluejayctl validate"):
            unique[name] = ratio
    return "\n".join(lines), sorted(unique.items(), key=lambda item: item[1])


def table(head, rows):
    cells = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(row) + " |" for row in cells] + [""]


def mib(size):
    return f"{size / MIB:.0f} MiB"


HEAD = """# Performance

The measurements compare whole processes, in one run on one machine. The absolute times depend on the machine; compare the
ratios.

| | |
| --- | --- |
| processor | {cpu}, {cores} cores |
| memory | {memory} |
| system | {system} |
| versions | {rust}; Python {python}; node {node} |
| date | {date} |

`python3 benches/compare/run.py` repeats the measurements; with `--quick` the script takes seconds. The script installs the other
tools into a scratch folder and writes this page. `cargo bench --bench parts` measures single steps.
"""

PIPELINE = """The *pipeline of parts* is the baseline ([benches/pipeline.rs](../benches/pipeline.rs)): the bare libraries read and parse
every file, check the file against the schema and fill a struct, on all cores, without output. `validate` also refuses duplicate
fields, replaces variables, merges defaults, checks rules beyond the schema, and keeps the values that a plan needs. The smaller the
files are, the larger is the share of these steps: for 10,000 files of all kinds with 300 bytes each, `validate` took 1.2 times as long
as the pipeline (on 2026-11-27).
"""

APPLY = """*Ideal* is N × 20 ms / 64. The sandbox answers on the same machine and shares its cores; one request after the other sees
{seen:.1f} ms. *Without reading the files* subtracts the time of `validate`. *Each additional simulation* compares
a row with the smaller row of the same command: 1.00 is the share of the latency alone. The operating system counts the written
bytes: the journal, with shared syncs, and the lockfile once.
"""
