"""How full PostgreSQL may fill the pages of `submissions`: `python -m tests.bench.fill_factor 30 50 70 85`.

For each fill factor a journal of its own takes registrations, with a vacuum between the rounds as a server does it by
itself later. Prints, for each, the bytes and rows of a page, and how many updates stayed within their page (HOT).
"""

from __future__ import annotations

import argparse
import asyncio
import json
from typing import Any

import asyncpg

from tests.bench.journal_tables import Written, hot_ratios, written
from tests.bench.scaling.case import Bench, Size, bench, running
from tests.support.postgres.server import TEMPLATE

ROUNDS = 9
SUBMISSIONS = 1000
BETWEEN_VACUUMS = 3
NOTHING = Written(commits=0, wal=0, updates={})
_FOUND = """
select count(*) as submissions, pg_relation_size('submissions') / count(*) as bytes_of_one,
       round(count(*)::numeric / count(distinct (ctid::text::point)[0]), 2)::float8 as on_a_page
from submissions
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fill_factor", description=__doc__)
    parser.add_argument("factors", type=int, nargs="+", metavar="PERCENT")
    with bench(Size()) as servers:
        for factor in parser.parse_args().factors:
            print(json.dumps({"fill_factor": factor, **_measured(servers, factor)}), flush=True)


def _measured(servers: Bench, factor: int) -> dict[str, Any]:
    dsn = servers.postgres.create_database(TEMPLATE)
    asyncio.run(_execute(dsn, f"alter table submissions set (fillfactor = {factor})"))
    with running(servers, dsn=dsn) as (around, worker):
        for number in range(1, ROUNDS + 1):
            worker.hospital.forget()
            worker.hospital.submit(around.events(SUBMISSIONS))
            if number % BETWEEN_VACUUMS == 0:
                asyncio.run(_execute(dsn, "vacuum"))
        return asyncio.run(_found(dsn))


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _found(dsn: str) -> dict[str, Any]:
    connection = await asyncpg.connect(dsn)
    try:
        ratios = hot_ratios(NOTHING, await written(connection))
        return {**await connection.fetchrow(_FOUND), "hot": ratios["submissions"]}
    finally:
        await connection.close()


if __name__ == "__main__":
    main()
