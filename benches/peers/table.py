"""What was measured, as text for people; the README shows it."""

import os
import platform
import statistics


def processor():
    """Name, family and model as the system knows them, and how many may be used."""
    known = {}
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                key, _, value = line.partition(":")
                known.setdefault(key.strip(), value.strip())
    except OSError:
        pass
    name = known.get("model name") or platform.processor() or platform.machine()
    numbers = "".join(f", {key.removeprefix('cpu ')} {known[key]}" for key in ("cpu family", "model") if key in known)
    return f"{name}{numbers}, {os.cpu_count()} processors"


def row(variant, threads, rounds, peers):
    """One row: milliseconds, ratios and bounds of all rounds. A round has a median a peer, and our document."""
    ours = [measured["ours"]["median_ms"] for measured in rounds]
    ratios = [min(measured[peer] for peer in peers) / own for measured, own in zip(rounds, ours)]
    return {
        "variant": variant,
        "threads": threads,
        "peers_ms": {peer: statistics.median(measured[peer] for measured in rounds) for peer in peers},
        "ours_ms": statistics.median(ours),
        "ratio": statistics.median(ratios),
        "ratio_min": min(ratios),
        "ratio_max": max(ratios),
        "over_bound": statistics.median(measured["ours"]["over_bound"] for measured in rounds),
        "fma_gflops": statistics.median(measured["ours"]["fma_gflops"] for measured in rounds),
        "rounds": rounds,
    }


def header(peers):
    names = "".join(f"  {peer + ' ms':>15}" for peer in peers)
    return f"variant  threads{names}  ours ms  ratio   (min..max)  ours/bound"


def line(row):
    peers = "".join(f"  {time:>15.2f}" for time in row["peers_ms"].values())
    spread = f"({row['ratio_min']:.2f}..{row['ratio_max']:.2f})"
    return (f"{row['variant']:<7}  {row['threads']:>7}{peers}  {row['ours_ms']:>7.2f}  {row['ratio']:>5.2f}"
            f"  {spread:>11}  {row['over_bound']:>10.2f}")
