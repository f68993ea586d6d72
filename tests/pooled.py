"""What a pool's connections still carry when nobody uses them."""

import asyncio

from tenants.database import Database

SETTINGS = ("app.practice_id", "app.practice_ids", "app.organization_id", "app.lookup_key")
LEFT = """select s.name, current_setting(s.name, true) as value from unnest($1::text[]) s(name)
    where coalesce(current_setting(s.name, true), '') <> ''
    union all select 'role', current_user where current_user <> session_user
    union all select 'transaction', 'open' where pg_current_xact_id_if_assigned() is not null"""


async def left_behind(database: Database) -> list[tuple[str, str]]:
    """Every scope, role or open transaction on any of the connections that the pool holds."""
    pool = database.engine.sync_engine.pool
    held = pool.checkedin()  # type: ignore[attr-defined]
    ready = asyncio.Barrier(held) if held else None

    async def look() -> list[tuple[str, str]]:
        async with database.engine.connect() as pooled:
            driver = (await pooled.get_raw_connection()).driver_connection
            assert driver is not None
            assert ready is not None
            await ready.wait()  # so that each holds another connection
            return [(row["name"], row["value"]) for row in await driver.fetch(LEFT, list(SETTINGS))]

    return [found for each in await asyncio.gather(*(look() for _ in range(held))) for found in each]
