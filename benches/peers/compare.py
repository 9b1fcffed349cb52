"""Times ONNX Runtime, OpenVINO and our own network in turns, and prints the ratios: see `run`."""

import argparse
import json
import os
import sys
import tempfile
from importlib import metadata
from pathlib import Path

import onnx

import model
import quantised
import table
import timing

B, LITE = [f"b{number}" for number in range(8)], [f"lite{number}" for number in range(5)]
# Variants of a precision, and those that are timed unless some are named.
VARIANTS = {"f32": B + LITE, "bf16": B + LITE, "int8": LITE}
DEFAULTS = {"f32": B, "bf16": B, "int8": LITE}
# Runs behind a median, and of the variants that take a second each.
RUNS, FEW, SLOW = 15, 5, ("b6", "b7")
# What each instruction set is called by us, and by oneDNN below OpenVINO.
# We have no kernels for AMX: "vnni" holds oneDNN alone.
ISAS = {
    "avx2": {"EFFICIENTNET_ISA": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"},
    "vnni": {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE_VNNI"},
}


def arguments():
    parser = argparse.ArgumentParser(prog="benches/peers/run", description="Latency against peers, in turns.",
                                     allow_abbrev=False)
    parser.add_argument("variants", nargs="*", metavar="VARIANT",
                        help="b0 to b7 or lite0 to lite4 [default: b0 to b7; in int8 lite0 to lite4]")
    parser.add_argument("--threads", type=counts, default=[1, 2], metavar="N,...", help="[default: 1,2]")
    parser.add_argument("--runs", type=count, metavar="N", help=f"runs of a burst [default: {RUNS}, of b6 and b7 {FEW}]")
    parser.add_argument("--rounds", type=count, default=7, metavar="N", help="bursts of each [default: 7]")
    parser.add_argument("--isa", choices=ISAS, help="instruction set of all [default: the widest]")
    parser.add_argument("--precision", choices=VARIANTS, default="f32", help="of all [default: f32]")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures")
    given = parser.parse_args()
    known = VARIANTS[given.precision]
    given.variants = given.variants or DEFAULTS[given.precision]
    unknown = sorted(set(given.variants) - set(known))
    if unknown:
        parser.error(f"no variant {', '.join(unknown)} in {given.precision}; there are {', '.join(known)}")
    if given.isa == "vnni" and given.precision != "int8":
        parser.error(f"vnni multiplies int8, not {given.precision}: add --precision int8, or leave out --isa")
    return given


def count(text):
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def counts(text):
    return [count(part) for part in text.split(",")]


def hold_to(isa):
    """Sets the variables of an instruction set, and unsets those of others. Libraries have read them by now:
    this script starts anew where they change."""
    names = {name for variables in ISAS.values() for name in variables}
    kept = {name: value for name, value in os.environ.items() if name not in names}
    environment = kept | ISAS.get(isa, {})
    if environment != dict(os.environ):
        os.execve(sys.executable, [sys.executable, *sys.argv], environment)


def network(variant, directory):
    """The file of a variant that the peers read, and an image."""
    architecture = timing.efficientnet("summary", variant, "--view", "blocks")
    path = directory / f"{variant}.onnx"
    onnx.save(model.build(architecture), path)
    height, width, channels = architecture["input_shape"]
    return path, quantised.image((1, channels, height, width), seed=1)


def kinds_of(given):
    """The peers that compute in a precision and keep to an instruction set."""
    # ONNX Runtime has no switches, and no bfloat16.
    alone = given.isa == "avx2" or given.precision == "bf16"
    return [timing.OpenVino] if alone else [timing.OnnxRuntime, timing.OpenVino]


def peers_of(kinds, variant, path, image, threads, given):
    for kind in kinds:
        own = quantised.model(kind.name, variant, path, image.shape) if given.precision == "int8" else path
        yield kind(own, image, threads, given.isa, given.precision)


def runs_of(variant, given):
    return given.runs or (FEW if variant in SLOW else RUNS)


def measure(peers, ours, runs, rounds):
    """A median a peer, and our document, of each round."""
    measured = []
    for _ in range(rounds):
        medians = {peer.name: timing.burst(peer.run, runs) for peer in peers}
        measured.append(medians | {ours.name: ours.burst(runs)})
    return measured


def versions(kinds, given):
    own = {kind.name: kind.version for kind in kinds}
    return own | ({"NNCF": metadata.version("nncf")} if given.precision == "int8" else {})


def title(kinds, given):
    programs = [f"{name} {version}" for name, version in versions(kinds, given).items()]
    conditions = ", ".join([*programs, given.precision, "batch 1", *([given.isa] if given.isa else [])])
    runs = {runs_of(variant, given) for variant in given.variants}
    runs = " or ".join(str(number) for number in sorted(runs, reverse=True))
    method = f"in turns, medians of {given.rounds} bursts of {runs} runs; ratio: the faster peer's time over ours"
    return f"{table.processor()}\n{conditions}\n{method}"


def write(path, document):
    """All or nothing."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    os.replace(partial, path)


def main():
    given = arguments()
    hold_to(given.isa)
    kinds = kinds_of(given)
    print(title(kinds, given))
    print(table.header([kind.name for kind in kinds]), flush=True)
    rows = []
    for variant in given.variants:
        with tempfile.TemporaryDirectory() as directory:
            path, image = network(variant, Path(directory))
            for threads in given.threads:
                peers = list(peers_of(kinds, variant, path, image, threads, given))
                ours = timing.Ours(variant, threads, given.precision)
                rounds = measure(peers, ours, runs_of(variant, given), given.rounds)
                rows.append(table.row(variant, threads, rounds, [peer.name for peer in peers]))
                print(table.line(rows[-1]), flush=True)
    if given.json:
        document = {"processor": table.processor(), "versions": versions(kinds, given), "isa": given.isa,
                    "precision": given.precision, "rows": rows}
        write(given.json, document)


if __name__ == "__main__":
    main()
