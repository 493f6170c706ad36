"""What an operator has: a webhook that takes only what Telegram sends, and numbers to look at."""

from __future__ import annotations

import asyncio
import json
import math
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from bot_fixtures import PATIENCE_S, TOKEN, calls, eventually, fault, newcomer, photo
from page_fixtures import ROOT, free_port
from postgres_fixtures import needs_postgres
from prometheus_client.parser import text_string_to_metric_families
from storage_fixtures import looked_into

from bot.app import run
from bot.playground import serve
from bot.settings import SettingsError, read_settings
from storage.database import BUSY_SECONDS

SECRET = "X-Telegram-Bot-Api-Secret-Token"
FAR = {"id": 2**63, "type": "private", "first_name": "Ann"}
Numbers = dict[tuple[str, ...], float]


@asynccontextmanager
async def running(
    http: httpx.AsyncClient, folder: Path, capsys: pytest.CaptureFixture[str], **settings: Any
) -> AsyncIterator[None]:
    """A bot in this process."""
    url = str(http.base_url).rstrip("/")
    mine = {"telegram_bot_token": TOKEN, "telegram_base_url": f"{url}/bot"}
    mine |= {"telegram_base_file_url": f"{url}/file/bot", "data_dir": folder}
    bot = asyncio.create_task(run(read_settings(**mine | settings)))
    said = ""

    def ready() -> bool:
        nonlocal said
        said += capsys.readouterr().out
        return "Tagalong is ready" in said or bot.done()

    try:
        await eventually(ready, "the start")
        yield
    finally:
        if not bot.done():
            signal.raise_signal(signal.SIGTERM)
        await asyncio.wait_for(bot, PATIENCE_S)


async def scraped(http: httpx.AsyncClient, address: str) -> Numbers:
    """All numbers of a page, by name and labels, but those of the process itself."""
    answer = await http.get(f"http://{address}/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if sample.name.startswith("tagalong_") and "le" not in sample.labels
    }


async def test_a_webhook_takes_what_telegram_sends_and_numbers_move_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address, metrics = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    hook = f"http://{address}/any/path"
    webhook = {"telegram_webhook_url": hook, "telegram_webhook_listen": address}
    async with (
        serve("127.0.0.1", 0, tmp_path / "server") as server,
        httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_S, verify=False) as http,
    ):
        ann = await newcomer(http)
        data = tmp_path / "data"
        async with running(
            http,
            data,
            capsys,
            **webhook,
            telegram_webhook_secret="only-Telegram_knows",
            metrics_listen=metrics,
        ):
            before = await scraped(http, metrics)
            panel = await ann.shows(photo())
            panel = await ann.chooses(panel, panel.offered[0])
            await fault(http, "editMessageText", error_code=400)
            await ann.taps(panel, panel.offered[0])
            refused = ("tagalong_telegram_errors_total", "400", "editMessageText")

            async def moved() -> Numbers | None:
                now = await scraped(http, metrics)
                return now if now.get(refused) == 1 else None

            after = await eventually(moved, "a refusal among the numbers")
            _numbers_are_right(before, after)
            page = (await http.get(f"http://{metrics}/metrics")).text
            _every_panel_has_its_metric(page)
            assert TOKEN not in page and TOKEN.split(":")[1] not in page

            # What does not come from Telegram changes nothing, whatever it says.
            forged = {"update_id": 999, "message": {"message_id": 1, "date": 1, "text": "#forged"}}
            far = forged | {"message": {"message_id": 1, "date": 1, "chat": FAR, "text": "#far"}}
            inbox = "SELECT count(*) FROM inbox"
            for method, headers, body, status in (
                ("POST", {}, json.dumps(forged), 403),
                ("POST", {SECRET: ""}, json.dumps(forged), 403),
                ("POST", {SECRET: "only-telegram_knows"}, json.dumps(forged), 403),
                ("POST", {SECRET: "é".encode()}, json.dumps(forged), 403),
                ("POST", {SECRET: "only-Telegram_knows"}, "{", 400),
                ("POST", {SECRET: "only-Telegram_knows"}, "[1]", 400),
                ("POST", {SECRET: "only-Telegram_knows"}, "{}", 400),
                ("POST", {SECRET: "only-Telegram_knows"}, json.dumps({"update_id": True}), 400),
                ("POST", {SECRET: "only-Telegram_knows"}, json.dumps({"update_id": 2**64}), 400),
                ("POST", {SECRET: "only-Telegram_knows"}, json.dumps(far), 400),
                ("POST", {SECRET: "only-Telegram_knows"}, "[" * 100_000, 400),
                ("POST", {SECRET: "only-Telegram_knows"}, " " * 2_000_000, 413),
                ("GET", {SECRET: "only-Telegram_knows"}, "", 405),
            ):
                with looked_into(data / "tagalong.db") as other:
                    kept = other.execute(inbox).fetchone()
                    answer = await http.request(method, hook, headers=headers, content=body)
                    assert answer.status_code == status, body[:50]
                    assert other.execute(inbox).fetchone() == kept

            # While the database takes nothing, Telegram keeps the update and posts it again.
            with looked_into(data / "tagalong.db") as other:
                other.execute("ALTER TABLE inbox RENAME TO hidden")
                said = await ann.says("#own")
                await eventually(lambda: _failed(http), "a refused update")
                other.execute("ALTER TABLE hidden RENAME TO inbox")
            await ann.sees_that(panel, lambda now: "#own" in now.chosen)
            assert said > panel.id

        # Asked to poll, the bot takes the webhook away and finds what waited meanwhile.
        await ann.says("#later")
        async with running(http, data, capsys):
            await ann.sees_that(panel, lambda now: "#later" in now.chosen)
            assert len(await calls(http, "getUpdates")) > 0

        # An address that is taken, and one that Telegram does not want, stop the start in a line.
        with pytest.raises(SettingsError, match="TELEGRAM_WEBHOOK_LISTEN"):
            port = http.base_url.port
            taken = webhook | {"telegram_webhook_listen": f"127.0.0.1:{port}"}
            async with running(http, data, capsys, **taken):
                pass
        await fault(http, "setWebhook", error_code=400, description="Bad Request: bad webhook")
        with pytest.raises(SettingsError, match="TELEGRAM_WEBHOOK_URL: Telegram refuses it"):
            async with running(http, data, capsys, **webhook):
                pass


@needs_postgres
async def test_numbers_are_there_while_the_database_hangs(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import asyncpg

    metrics = f"127.0.0.1:{free_port()}"
    own = {"database_url": database, "metrics_listen": metrics}
    depth = ("tagalong_inbox_depth",)
    async with (
        serve("127.0.0.1", 0, tmp_path / "server") as server,
        httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_S, verify=False) as http,
        running(http, tmp_path / "data", capsys, **own),
    ):
        assert (await scraped(http, metrics))[depth] == 0
        other = await asyncpg.connect(database)
        try:
            async with other.transaction():
                await other.execute("LOCK TABLE inbox")
                http.timeout = httpx.Timeout(2 * BUSY_SECONDS)
                assert math.isnan((await scraped(http, metrics))[depth])
                http.timeout = httpx.Timeout(PATIENCE_S)
        finally:
            await other.close()
        assert (await scraped(http, metrics))[depth] == 0


async def _failed(http: httpx.AsyncClient) -> bool:
    info = await http.get(f"/bot{TOKEN}/getWebhookInfo")
    return "503" in info.json()["result"].get("last_error_message", "")


def _numbers_are_right(before: Numbers, after: Numbers) -> None:
    """A photo and two taps were looked at, answered and counted."""
    grown = {
        key: value - before.get(key, 0) for key, value in after.items() if value != before.get(key)
    }
    assert grown["tagalong_updates_total", "photo"] == 1
    assert grown["tagalong_updates_total", "tap"] == 2
    assert grown["tagalong_answer_seconds_count", "photo"] == 1
    assert grown["tagalong_answer_seconds_count", "tap"] == 1  # of the other the edit was refused
    for step in ("decode", "cnn", "photo"):
        assert grown["tagalong_step_seconds_count", step] == 1
        assert grown["tagalong_step_seconds_sum", step] > 0
    assert grown["tagalong_step_seconds_count", "lstm"] >= 3
    assert grown["tagalong_batch_size_sum", "lstm"] >= 3
    assert grown["tagalong_queue_wait_seconds_count", "photo"] == 1
    assert after["tagalong_queue_depth", "photo"] == after["tagalong_queue_depth", "lstm"] == 0
    assert ("tagalong_inbox_depth",) in after


def _every_panel_has_its_metric(page: str) -> None:
    board = json.loads((ROOT / "docs" / "grafana.json").read_text())
    queries = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    assert len(queries) >= 10
    there = {
        name
        for family in text_string_to_metric_families(page)
        for suffix in (
            ("_bucket", "_sum", "_count")
            if family.type == "histogram"
            else ("_total",)
            if family.type == "counter"
            else ("",)
        )
        for name in (family.name + suffix,)
    }
    for query in queries:
        asked = re.findall(r"\b(?:tagalong|process)_\w+", query)
        assert asked and set(asked) <= there, query
    operations = (ROOT / "docs" / "OPERATIONS.md").read_text()
    for name in there:
        if name.startswith("tagalong_"):
            assert re.sub(r"_(bucket|sum|count)$", "", name) in operations, name
