"""The certificate authorities that the tests' machine trusts: one that issues nothing, in place of the system's.

OpenSSL reads all of the system's for each TLS context that names no CA file: 22 ms of CPU, thousands of times in a run.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from sandbox.authority import Authority

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

_VARIABLE, _PREFIX = "SSL_CERT_FILE", "herald-tests-trust-"
_EARLIER = "TESTS_EARLIER_SSL_CERT_FILE"  # not `HERALD_…`: the product refuses settings that it does not know


def pytest_configure(config: pytest.Config) -> None:
    """Name its file to OpenSSL, here and in all that the tests start: also in the processes of pytest-xdist."""
    if _is_ours(os.environ.get(_VARIABLE, "")) or not applies(config):
        return
    with NamedTemporaryFile(prefix=_PREFIX, suffix=".pem", delete=False) as file:
        file.write(Authority.create("Trusted by the tests of Herald, issuer of nothing").pem())
    os.environ[_EARLIER], os.environ[_VARIABLE] = os.environ.get(_VARIABLE, ""), file.name
    config.add_cleanup(Path(file.name).unlink)


def applies(config: pytest.Config) -> bool:
    """Whether the run has tests of `testpaths` only: the others install tools and pull images from the internet."""
    ours = [config.rootpath / path for path in config.getini("testpaths")]
    asked = [config.invocation_params.dir / argument.partition("::")[0] for argument in config.args]
    return all(any(one.is_relative_to(path) for path in ours) for one in asked)


def trusting_the_system(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for a program that speaks with servers of the internet."""
    outside = dict(environment)
    earlier = outside.pop(_EARLIER, "")
    if _is_ours(outside.get(_VARIABLE, "")):
        del outside[_VARIABLE]
        if earlier:
            outside[_VARIABLE] = earlier
    return outside


def _is_ours(file: str) -> bool:
    return Path(file).name.startswith(_PREFIX)
