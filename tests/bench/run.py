#!/usr/bin/env python3
"""All benchmarks with one command: runs them and writes their tables into docs/performance.md, between its markers.

usage: tests/bench/run.py [--graphc PATH] [--only REGEX] [--threads N] [--seconds S] [--rounds R]
                          [--skip peers,training,control,c,contractions]
                          [--venv DIR] [--print]
Peers (PyTorch, torchvision, ONNX Runtime, JAX) come from PyPI into a virtual environment in the build folder, made if it is missing, or from
the one that --venv names. --print shows the tables instead of writing them. With one thread everything is pinned to one processor and, where
that is allowed (root), runs at real-time priority: else what other programs do is in the numbers.
"""
import argparse
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PAGE = ROOT / "docs" / "performance.md"
SMALL = "1x512x784,7x512x784,64x512x784,512x10x784,512x512x64,512x512x784"  # sizes of products of small elements
PACKAGES = ["torch", "torchvision", "onnx", "onnxscript", "onnxruntime", "numpy", "jax"]


def run(*command, **more):
    print("+", *map(str, command), file=sys.stderr, flush=True)
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, text=True, **more)
    if done.returncode:
        sys.exit(f"{command[0]} failed ({done.returncode})")
    return done.stdout


def peers_python(folder):
    """The interpreter of an environment that has the peers."""
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"making {folder} for the peers", file=sys.stderr)
        venv.create(folder, with_pip=True)
    names = ", ".join(PACKAGES)
    if subprocess.run([python, "-c", f"import {names}"], stderr=subprocess.DEVNULL).returncode:
        run(python, "-m", "pip", "install", "--quiet", *PACKAGES)
    return python


def take_processor(threads):
    """For this process and those that it starts."""
    if threads > 1:
        return
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))  # not FIFO: a peer's thread that spins would keep out the one it waits for
    except PermissionError:
        print("no real-time priority: the numbers are worth no more than the machine is quiet", file=sys.stderr)


def machine():
    """What the numbers belong to."""
    model = "unknown processor"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    day = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
    how = "real-time priority" if os.sched_getscheduler(0) == os.SCHED_RR else f"load {os.getloadavg()[0]:.1f}"
    return f"{day}, {model}, {os.cpu_count()} processors, {how}"


def peers_table(found):
    lines = [f"ONNX Runtime {found['versions']['onnxruntime']}, PyTorch {found['versions']['torch']}, {found['threads']} "
             f"thread{'s' if found['threads'] > 1 else ''}; {machine()}. Microseconds per call; "
             "a share above 100% is one of the operations that the graph has (Winograd does fewer).", "",
             "| workload | ONNX Runtime | PyTorch | graphc | over ONNX Runtime | goal | share of the FMA peak | build |",
             "|---|---|---|---|---|---|---|---|"]
    number = lambda us: f"{us:.1f}" if us < 1000 else f"{us:.0f}"
    for row in found["rows"]:
        goal = "" if row["goal"] is None else f"{row['goal']:g}"
        if "error" in row:
            lines.append(f"| {row['workload']} | failed: {row['error']} | | | | {goal} | | |")
            continue
        lines.append(f"| {row['workload']} | {number(row['onnxruntime'])} | {number(row['torch'])} | {number(row['graphc'])} | "
                     f"{row['ratio']:.2f} | {goal} | {100 * row['share_of_peak']:.0f}% | {row['compile_s']:.1f} s |")
    return "\n".join(lines)


def training_table(found):
    lines = [f"PyTorch {found['versions']['torch']} (eager with a fused Adam, and torch.compile), JAX {found['versions']['jax']}, {found['threads']} "
             f"thread{'s' if found['threads'] > 1 else ''}; {machine()}. Microseconds per step.", "",
             "| step | PyTorch | torch.compile | JAX | graphc | over the best peer | goal | share of the FMA peak | build |",
             "|---|---|---|---|---|---|---|---|---|"]
    number = lambda us: f"{us:.1f}" if us < 1000 else f"{us:.0f}"
    for row in found["rows"]:
        goal = "" if row["goal"] is None else f"{row['goal']:g}"
        times = " | ".join(number(row[name]) for name in ("torch", "compile", "jax", "graphc"))
        lines.append(f"| {row['workload']} | {times} | {row['ratio']:.2f} | {goal} | {100 * row['share_of_peak']:.0f}% | {row['compile_s']:.1f} s |")
    return "\n".join(lines)


def control_table(inference, training, tree):
    lines = [f"ONNX Runtime {inference['versions']['onnxruntime']}, PyTorch {inference['versions']['torch']} (training also torch.compile and JAX; trees "
             f"eager alone), {inference['threads']} thread{'s' if inference['threads'] > 1 else ''}; {machine()}. Microseconds per call.", "",
             "| workload | best peer | graphc | quotient | goal | share of the FMA peak |", "|---|---|---|---|---|---|"]
    number = lambda us: f"{us:.1f}" if us < 1000 else f"{us:.0f}"
    for row in inference["rows"]:
        if "error" in row:
            lines.append(f"| {row['workload']} | failed: {row['error']} | | | {row['goal']:g} | |")
            continue
        best = min(row["onnxruntime"], row["torch"])
        lines.append(f"| {row['workload']} | {number(best)} | {number(row['graphc'])} | {row['over_best']:.2f} | {row['goal']:g} | "
                     f"{100 * row['share_of_peak']:.0f}% |")
    for row in training["rows"]:
        best = min(row[name] for name in ("torch", "compile", "jax"))
        lines.append(f"| training step with Adam: {row['workload']} | {number(best)} | {number(row['graphc'])} | {row['ratio']:.2f} | {row['goal']:g} | "
                     f"{100 * row['share_of_peak']:.0f}% |")
    for what, (own, other) in tree["seconds"].items():
        lines.append(f"| TreeLSTM of {tree['leaves']} leaves, 150 units, {what} | {number(other * 1e6)} | {number(own * 1e6)} | {own / other:.2f} | | |")
    return "\n".join(lines)


def write(page, section, text):
    """`page` with `text` between the markers of `section`."""
    pattern = re.compile(rf"(<!-- {section}: written by tests/bench/run.py -->\n).*?(<!-- end of {section} -->)", re.S)
    if not pattern.search(page):
        sys.exit(f"{PAGE} has no markers for '{section}'")
    return pattern.sub(lambda match: match[1] + text.rstrip() + "\n" + match[2], page)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--graphc", type=pathlib.Path, default=ROOT / "build/tools/graphc/graphc")
    options.add_argument("--only", default=".", help="regular expression over the workloads beside peers")
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--seconds", type=float, default=0.5)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--skip", default="", help="some of: peers, training, control, c, contractions")
    options.add_argument("--venv", type=pathlib.Path, default=ROOT / "build/bench_venv")
    options.add_argument("--print", action="store_true", dest="show")
    a = options.parse_args()
    graphc, skip = a.graphc.resolve(), set(filter(None, a.skip.split(",")))
    if skip - {"peers", "training", "control", "c", "contractions"}:
        options.error(f"--skip knows peers, training, control, c and contractions, not {', '.join(sorted(skip))}")
    if not graphc.exists():
        options.error(f"there is no {graphc}: build it, or say where it is with --graphc")

    python = peers_python(a.venv) if {"peers", "training", "control"} - skip else None
    take_processor(a.threads)
    sections = {}
    beside = lambda program, only: json.loads(run(python, HERE / program, graphc, "--only", only, "--threads", a.threads, "--seconds", a.seconds,
                                                  "--rounds", a.rounds))
    without_loops = f"^(?!.*(?i:lstm)).*(?:{a.only})"  # those have a table of their own
    if "peers" not in skip:
        sections["peers"] = peers_table(beside("beside_peers.py", without_loops))
    if "training" not in skip:
        sections["training"] = training_table(beside("beside_training.py", without_loops))
    if "control" not in skip:
        tree = json.loads(run(python, HERE / "tree_lstm.py", graphc, "--json"))
        sections["control"] = control_table(beside("beside_peers.py", "LSTM"), beside("beside_training.py", "LSTM"), tree)
    if "c" not in skip:
        output = run(sys.executable, HERE / "beside_c.py", graphc, "sigmoid_gemv", "tiny_mlp", "tiny_train")
        sections["c"] = f"{machine()}.\n\n```\n{output.rstrip()}\n```"
    if "contractions" not in skip:
        sections["contractions"] = f"{machine()}.\n\n" + run(sys.executable, HERE / "contractions.py", graphc)
        for dtype, extensions in ("i8", "+vnni"), ("bf16", "+vnni+bf16"):
            levels = f"x86-64-v2,x86-64-v3,x86-64-v4,x86-64-v4{extensions}"
            table = run(sys.executable, HERE / "contractions.py", graphc, "--dtype", dtype, "--levels", levels, "--sizes", SMALL)
            sections["contractions"] += f"\n{dtype}, y = relu(x W), shares of the f32 peak:\n\n{table}"
    page = PAGE.read_text()
    for section, text in sections.items():
        page = write(page, section, text)
        if a.show:
            print(f"\n{section}\n\n{text}")
    if not a.show:
        PAGE.write_text(page)
        print(f"wrote {', '.join(sections)} into {PAGE.relative_to(ROOT)}", file=sys.stderr)


main()
