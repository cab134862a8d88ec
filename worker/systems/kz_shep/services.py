"""The SHEP services that Herald asks; adding one adds its description here."""

from __future__ import annotations

from worker.systems.kz_shep import medical_exemption

SERVICES = (medical_exemption.SERVICE,)
