"""Commands of the pages, run against the control plane, and what counts as carried out.

No kubelet runs, so that nothing answers for what is inside a pod: of `logs`, `exec` and requests to a pod, the API
server checks all names (object, pod, container) and only then finds nobody to ask. It has to get so far.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from subprocess import CompletedProcess

from tests.kubernetes.control_plane import ControlPlane

NOBODY_ANSWERS = re.compile(r"dial tcp 127\.0\.0\.1:10250: connect: connection refused|address not allowed")
"""What the API server says when it would ask the node, or the pod: it asks none with an address of this machine."""
INSIDE = {"exec", "logs"}


def carry_out(cluster: ControlPlane, line: str, directory: Path, **variables: str) -> None:
    """Run a line. Raises AssertionError with what was said, where it names something that there is not."""
    if " top " in line:  # the API of metrics-server is not there; what would be measured has to be
        carry_out(cluster, line.replace(" top ", " get "), directory, **variables)
    done = cluster.shell(line, directory, **variables)
    assert as_wanted(line, done), f"{line}: {done.returncode}\n{done.stdout}{done.stderr}"


def as_wanted(line: str, done: CompletedProcess[str]) -> bool:
    """Return whether a line came as far as it can here."""
    words = shlex.split(line)
    if INSIDE & set(words) or "/proxy/" in line:
        return done.returncode != 0 and NOBODY_ANSWERS.search(done.stderr) is not None
    if "top" in words:
        return "Metrics API not available" in done.stderr
    if "--ignore-not-found" in words:
        return done.returncode == 0 and "deleted" in done.stdout
    said = done.stdout != "" or ">" in words
    return done.returncode == 0 and said and "No resources found" not in done.stderr
