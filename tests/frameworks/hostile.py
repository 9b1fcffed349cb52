"""Files that a reader must refuse: `write`."""

import os
from pathlib import Path

import torch

# What the command of `code.pth` would leave in the working directory of a reader that runs it.
PROOF = "the-checkpoint-ran-a-command"


class Command:
    """Unpickled, this is the result of `os.system`."""

    def __reduce__(self):
        return os.system, (f"touch {PROOF}",)


def write(directory, network, whole_files):
    """A pickle that runs a command, a pickled network, and the beginnings of whole files."""
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    weights = {"conv_stem.weight": torch.zeros(8, 3, 3, 3)}
    checkpoint = {"state_dict": weights, "args": Command()}
    torch.save(checkpoint, directory / "code.pth")
    torch.save(checkpoint, directory / "code.legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(network.classifier, directory / "module.pth")
    for path in map(Path, whole_files):
        content = path.read_bytes()
        (directory / f"truncated.{path.name}").write_bytes(content[: min(len(content) // 2, 8192)])
