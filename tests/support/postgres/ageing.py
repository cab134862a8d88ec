"""Letting the journal's submissions grow older than retention keeps their evidence and replies."""

from __future__ import annotations

A_HUNDRED_DAYS = """
update submissions set received_at = received_at - interval '100 days',
                       finished_at = finished_at - interval '100 days',
                       last_attempt = last_attempt - interval '100 days';
update attempts set sent_at = sent_at - interval '100 days';
update evidence set at = at - interval '100 days';
"""
"""Statements after which everything in the journal is so much older, the evidence in its own days too."""
