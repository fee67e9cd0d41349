#!/usr/bin/env python3
"""Compares halogat with PyTorch Geometric and DGL: the same graph, model, optimizer and number of threads on this
machine, in alternating runs. Prints a Markdown table: seconds per training epoch (the median of a run) and peak
memory, as medians over the rounds, and the medians of the ratios to the halogat run of the same round. Run it alone
on the machine.

The first call installs the libraries into virtual environments in build/peers. The Python that runs this needs
venv, and must be a version that the wheels exist for (3.10 or 3.11).

Peak memory is that of the whole process; about 0.3 GiB of the peers' memory are the libraries themselves.

The last layer has one head. Cora as published: peers.py cora.h5 --dropout 0.6 --epochs 200. See also
peer_epochs.py.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent / "build"

# DGL: the last release whose wheels run on CPUs beside a current PyTorch
PACKAGES = {
    "pyg": ["torch==2.13.0", "torch_geometric", "h5py"],
    "dgl": ["torch==2.13.0", "dgl==1.1.3", "numpy<2", "psutil", "packaging", "setuptools", "h5py"],
}
TITLE = {"halogat": "halogat", "pyg": "PyTorch Geometric", "dgl": "DGL"}


def environment(library):
    """The Python of the library's virtual environment, which is made unless it is there and complete."""
    folder = BUILD / "peers" / library
    python, complete = folder / "bin" / "python", folder / "complete"
    wanted = "\n".join(PACKAGES[library])
    if not complete.exists() or complete.read_text() != wanted:
        print(f"making {folder} ({' '.join(PACKAGES[library])})", file=sys.stderr)
        venv.create(folder, clear=True, symlinks=True, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES[library]], check=True)
        complete.write_text(wanted)
    return python


def shared_options(args):
    """Options that halogat and peer_epochs.py spell alike."""
    names = ("hidden", "epochs", "threads", "dropout", "lr", "weight_decay")
    return [word for name in names for word in ("--" + name.replace("_", "-"), str(getattr(args, name)))]


def run(command, args):
    """Runs a command with the threads and the memory that all get; its output, or None when it ran out of memory."""
    limit = int(args.memory * 2**30)
    done = subprocess.run(
        command,
        env={**os.environ, "OMP_NUM_THREADS": str(args.threads), "DGLBACKEND": "pytorch"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit, limit)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode == 0:
        return done.stdout
    if done.returncode == -9 or "out of memory" in done.stderr or "bad_alloc" in done.stderr:
        return None
    sys.exit(f"{' '.join(map(str, command))}\nfailed:\n{done.stderr}")


def measure_halogat(args):
    """Seconds, bytes and loss of a run; None: out of memory."""
    with tempfile.TemporaryDirectory() as folder:
        command = [args.halogat, "train", args.graph, "--out", folder, "--overwrite", "--quiet"]
        command += ["--eval-every", "100000", "--heads", f"{args.heads},1", "--attn-dropout", str(args.dropout)]
        command += shared_options(args)
        if run(command, args) is None:
            return None
        summary = json.loads(Path(folder, "summary.json").read_text())
        epochs = Path(folder, "metrics.jsonl").read_text().splitlines()
    return {
        "seconds": summary["seconds_per_epoch"],
        "bytes": max(summary["peak_memory_bytes"]),
        "loss": json.loads(epochs[-1])["loss"],
    }


def measure_peer(library, args):
    """The same of a peer."""
    command = [environment(library), HERE / "peer_epochs.py", library, args.graph, "--heads", str(args.heads)]
    output = run(command + shared_options(args), args)
    return None if output is None else json.loads(output.splitlines()[-1])


def measure_all(args):
    """Results by name, measured in turn; who ran out of memory once has a None and is not asked again."""
    results = {name: [] for name in ["halogat", *args.peers]}
    for turn in range(args.rounds):
        for name, runs in results.items():
            if None in runs:
                continue
            runs.append(measure_halogat(args) if name == "halogat" else measure_peer(name, args))
            print(f"round {turn + 1}: {name}: {runs[-1] or 'out of memory'}", file=sys.stderr)
    return results


def row(name, runs, reference):
    """One row of the table; reference: halogat's runs."""
    if None in runs:
        return f"| {TITLE[name]} | out of memory | | | | |"

    def median(key):
        return statistics.median(run[key] for run in runs)

    def ratio(key):
        if None in reference:
            return ""
        return f"{statistics.median(run[key] / other[key] for run, other in zip(runs, reference)):.2f}"

    numbers = f"{median('seconds'):.4g} | {median('bytes') / 2**20:.0f} | {median('loss'):.4f}"
    return f"| {TITLE[name]} | {numbers} | {ratio('seconds')} | {ratio('bytes')} |"


def free_memory():
    """GiB that the machine has left, less a tenth."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    kib = next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable"))
    return 0.9 * kib / 2**20


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)

    def option(name, kind, default, meaning):
        parser.add_argument(f"--{name}", type=kind, default=default, help=f"{meaning} (default %(default)s)")

    parser.add_argument("graph", help="a graph file with classes")
    option("heads", int, 8, "heads of the first layer")
    option("hidden", int, 8, "features of each of them")
    option("dropout", float, 0.0, "share of features, and of attention coefficients, dropped in both layers")
    option("lr", float, 0.005, "learning rate of Adam")
    option("weight-decay", float, 5e-4, "its L2 penalty")
    option("epochs", int, 10, "epochs of a run")
    option("rounds", int, 3, "runs of each")
    option("threads", int, len(os.sched_getaffinity(0)), "threads of each")
    option("memory", float, round(free_memory(), 1), "GiB that a run may take")
    option("halogat", Path, BUILD / "halogat", "the program")
    parser.add_argument("--peers", nargs="+", choices=list(PACKAGES), default=list(PACKAGES),
                        help="which (default all)")
    return parser.parse_args()


def main():
    args = parse()
    for library in args.peers:
        environment(library)
    results = measure_all(args)
    print(f"{Path(args.graph).name}: {args.heads} x {args.hidden}, dropout {args.dropout:g}; threads {args.threads}, "
          f"epochs {args.epochs}, rounds {args.rounds}\n")
    print("| | seconds per epoch | peak MiB | last loss | time / halogat | memory / halogat |")
    print("|---|---|---|---|---|---|")
    for name, runs in results.items():
        print(row(name, runs, results["halogat"]))


if __name__ == "__main__":
    main()
