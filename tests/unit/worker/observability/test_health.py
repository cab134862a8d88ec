"""The probes' judgement; the server is tested over HTTP in tests/integration/worker/test_health.py."""

from __future__ import annotations

from worker.observability.health import Heartbeat


def test_a_heartbeat_is_wrong_only_after_its_limit():
    now = 0.0
    heartbeat = Heartbeat(30, monotonic=lambda: now)

    now = 30.0
    assert heartbeat.check() is None
    now = 31.0
    assert heartbeat.check() == "no sign of life for 31 s"
    heartbeat.beat()
    assert heartbeat.check() is None
