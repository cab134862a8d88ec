"""Migrations that were shipped never change: a database that has them refuses another text."""

from __future__ import annotations

from worker.journal.migrate import migrations

SHIPPED = {
    "0001_journal": "54bfd3d0339d6b3ed011c8888c356425a53388ebb9e58d77ff10b95515771296",
    "0002_audit_log": "f6d0dc3760b96bec049f20469bcb31e58b75a00b12caabd13c1282824620ecf5",
    "0003_intake_losses": "b873df6f565cdf43678695dc52b5faa252f98863d6fad1cfb01e491bef9ddd1b",
    "0004_answered_records": "f2c5ad35f317dda72612c3876897c3defd1b2eea469fc5c6594001e2cd5f89a8",
    "0005_stops_of_senders": "f06056dd33ab9ef9a594d262f9f51ab5eca951a41e90fc5564f9b86a26759792",
    "0006_topic_ids_and_meanings": "450bb0401cd86e9c15656b21a30b5e8e7e757a6d8abc8a6ca299139240d0e1ff",
    "0007_encryption": "6b12acf0d53d8d683b17a44a320afc7877e8dd52281f3a63935f451d72b4f0d6",
    "0008_evidence_by_day": "06da3c4b674123d40f0c5cd9d604f417747e1b5f716ca185fec475650f1a8591",
    "0009_refused_secrets": "e23f542b21965cfebba36f5eb1c9d7833c7fd021d545eb2f0bb282d97c96c25c",
    "0010_waiting": "803fa9c55a6ed5d9869d1ea15e167a7a9e3a8780a2f92bab968026249c017893",
    "0011_notifications": "f4fb9c54c0079066304acaffdc218349d279639b1a73741cd91d75385dbe18c2",
    "0012_accepted_secrets": "9edc4f8619dd79b6f5f185a7f003703a829f2b679fff47ccb2385fe478b939bf",
    "0013_steps": "d2397623938480e8f2975b95476444b5be237582497951df2f84eb80213936d1",
    "0014_files": "a9fedb68b68bedee98a22e817121a631a6d38e06cfc5514ed7ffea7dfc1d7f8f",
    "0015_watches": "e74e99e5bce85c27a7f1058155b31d158d1b507f698abacd7eceeebf87e8ad4c",
    "0016_unaccepted": "25b301294d710bd88171e2b993d9813d6c3c93dfe38adb110adf4b40117f9c0a",
    "0017_fill_factor": "32986ad280cb4e46682dc5fce0ca305da0758b93a6259f29dccc58888f43af6b",
    "0018_fewer_indexes": "1a43e1a43ac9ea48cd0af17cc2fbbf01f77fb99e04d0a6efc2f06cf8932ac2f7",
    "0019_byte_order": "8045d73d5d7f70d4049020a5bd8e09dfa3d2e05ad411870219d3fc5cfa873bc1",
}
"""Each by the SHA-256 of its bytes. A change of the tables is a new file, and a line here."""


def test_what_was_shipped_is_what_it_was():
    assert {one.name: one.checksum for one in migrations()} == SHIPPED


def test_they_are_numbered_without_a_gap():
    assert [one.version for one in migrations()] == list(range(1, len(SHIPPED) + 1))
