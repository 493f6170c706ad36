"""The engine on Ray: the answers of the engine in this process, from replicas that may die.

One small Ray for all of these tests, started as a bot starts it.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import bot_fixtures
import httpx
import numpy as np
import pytest
import pytest_asyncio
import ray
import yaml
from bot_fixtures import BotProcess, Person, eventually, newcomer
from page_fixtures import PHOTOS, ROOT, free_port
from ray import serve
from ray.serve.exceptions import BackPressureError
from ray.serve.schema import ServeDeploySchema

from engine import (
    EmbeddingMismatch,
    EngineBusy,
    EngineClosed,
    EngineUnavailable,
    Heatmap,
    ImageEmbedding,
    NoHeatmap,
    NotAnImage,
    Suggestions,
    Taste,
    UnknownTag,
    open_recommender,
)
from engine.cluster import app, connection, retry, start
from engine.cluster.client import RayRecommender
from engine.cluster.membership import Membership
from engine.cluster.retry import Retry
from engine.door import Unobserved
from engine.local import LocalRecommender

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAMES = sorted(file.name for file in PHOTOS.iterdir() if file.suffix in (".jpg", ".png"))
PATIENCE_S = 600  # for a machine under load; nothing here is timed
REPORTS_S = 20  # handles report to Serve every ten seconds, and a Ray begins within some more


@dataclass(frozen=True)
class Engines:
    """The same checkpoint twice."""

    here: LocalRecommender
    ray: RayRecommender


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engines() -> AsyncIterator[Engines]:
    with pytest.MonkeyPatch.context() as patient:
        patient.setattr(retry, "PATIENCE_S", PATIENCE_S)
        here, there = await open_recommender(), await open_recommender("ray")
        assert isinstance(here, LocalRecommender)
        assert isinstance(there, RayRecommender)
        yield Engines(here, there)
        await asyncio.gather(here.close(), there.close())


def photo(name: str = "coffee.jpg") -> bytes:
    return (PHOTOS / name).read_bytes()


def assert_alike(one: Suggestions, other: Suggestions) -> None:
    """The same page, with scores that are equal to a ten-thousandth."""
    assert [each.tag for each in one.items] == [each.tag for each in other.items]
    scores = [[each.score for each in page.items] for page in (one, other)]
    assert scores[0] == pytest.approx(scores[1], abs=1e-4)
    assert one.complete == pytest.approx(other.complete, abs=1e-4)
    assert one.relatives == other.relatives


def assert_same_photo(one: ImageEmbedding, other: ImageEmbedding) -> None:
    """The same features, but for the last bit of half precision."""
    assert one.encoder == other.encoder
    a, b = (np.frombuffer(each.vector, "<f2").astype(np.float32) for each in (one, other))
    assert np.allclose(a, b, atol=1e-4, rtol=1e-3)


def assert_same_map(one: Heatmap, other: Heatmap) -> None:
    assert (one.tag, one.prefix, one.crop, one.photo) == (
        *(other.tag, other.prefix, other.crop, other.photo),
    )
    assert one.parts.cells == pytest.approx(other.parts.cells, abs=1e-4)
    assert one.logit == pytest.approx(other.logit, abs=1e-4)
    assert one.usual.logit == pytest.approx(other.usual.logit, abs=1e-4)


def replicas(application: str) -> set[int]:
    """Processes that run the replicas of an application, among those of this process."""
    parents: dict[int, int] = {}
    found: set[int] = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            title = (entry / "cmdline").read_bytes().decode(errors="replace")
            stat = (entry / "stat").read_text()
        except OSError:  # it ended meanwhile
            continue
        parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
        if title.startswith(f"ray::ServeReplica:{application}:"):
            found.add(int(entry.name))

    def ours(process: int) -> bool:
        return process == os.getpid() or (process in parents and ours(parents[process]))

    return {process for process in found if ours(process)}


async def killed_during(requests: Sequence[asyncio.Task[object]], application: str) -> None:
    """Kill every replica of an application once the first answers are there."""
    await asyncio.wait(requests, return_when=asyncio.FIRST_COMPLETED)
    assert not all(request.done() for request in requests)
    running = replicas(application)
    assert running
    for process in running:
        os.kill(process, signal.SIGKILL)


async def test_photos_and_taps_are_answered_as_by_the_engine_in_this_process(engines: Engines):
    photos = [photo(name) for name in NAMES]
    seen = await asyncio.gather(*(engines.here.look(each) for each in photos))
    away = await asyncio.gather(*(engines.ray.look(each) for each in photos))
    for one, other in zip(seen, away, strict=True):
        assert_same_photo(one, other)
    asked = [
        ((image, prefix), {"k": k, "exclude": exclude, "taste": taste})
        for image in (*away, None)
        for prefix, k, exclude, taste in (
            ([], 10, (), None),
            (["#Coffee", "ourdog"], 5, {"cup"}, Taste({"food": 1.5, "cat": -1}, 1.0, True)),
            (["beach", "sunset", "beach"], 20, ["sea"], Taste(specific=-1.0)),
        )
    ]
    pages = await asyncio.gather(*(engines.here.suggest(*a, **k) for a, k in asked))
    others = await asyncio.gather(*(engines.ray.suggest(*a, **k) for a, k in asked))
    for one, other in zip(pages, others, strict=True):
        assert_alike(one, other)
    first = [page.items[0].tag for page in pages]
    assert len(set(first)) > 3  # they are about different photos


async def test_tags_are_found_and_ordered_as_by_the_engine_in_this_process(engines: Engines):
    for letters in ("cof", "#S", "art", "instagood", ""):
        assert engines.ray.find(letters, 12) == engines.here.find(letters, 12)
    assert engines.ray.find("sun", 12)
    tags = ["espresso", "ourdog", "food", "#Coffee", "nobodyknows", "cat"]
    assert engines.ray.broad_first(tags) == engines.here.broad_first(tags)


async def test_a_heat_map_is_that_of_the_engine_in_this_process(engines: Engines):
    picture = photo("temple.jpg")
    ask = (picture, ["travel", "japan"], "architecture")
    one, other = await asyncio.gather(engines.here.explain(*ask), engines.ray.explain(*ask))
    assert len(other.earlier) == 2
    for here, there in zip((one, *one.earlier), (other, *other.earlier), strict=True):
        assert_same_map(here, there)
    with pytest.raises(UnknownTag, match="ourdog"):
        await engines.ray.explain(picture, [], "ourdog")
    with pytest.raises(NoHeatmap):
        await engines.ray.explain(picture, [], "blonde")
    with pytest.raises(NotAnImage):
        await engines.ray.explain(b"no picture", [], "food")


async def test_bad_input_costs_its_own_caller_an_answer_and_no_other(engines: Engines):
    good = photo()
    image = await engines.ray.look(good)
    foreign = ImageEmbedding("another-encoder", image.vector)
    poison = [None]  # no word at all: the network chokes on the whole batch
    looks = (good, b"no picture", good, photo("cat.png")[:5000], good, b"")
    taps = ((image, ["food"]), (image, poison), (foreign, []), (image, ["food"]), (None, ["food"]))
    seen = await asyncio.gather(*map(engines.ray.look, looks), return_exceptions=True)
    pages = await asyncio.gather(
        *(engines.ray.suggest(*tap) for tap in taps), return_exceptions=True
    )
    assert [type(each) for each in seen] == [
        *(ImageEmbedding, NotAnImage, ImageEmbedding, NotAnImage, ImageEmbedding, NotAnImage),
    ]
    with pytest.raises(Exception) as here:
        await engines.here.suggest(image, poison)
    assert [type(each) for each in pages] == [
        *(Suggestions, here.type, EmbeddingMismatch, Suggestions, Suggestions),
    ]
    assert_alike(pages[0], pages[3])


class Log(Unobserved):
    """Keeps what it is told of work, by step: how many items at once."""

    def __init__(self) -> None:
        self.items: defaultdict[str, list[int]] = defaultdict(list)

    def worked(self, step: str, items: int, seconds: float) -> None:
        assert seconds > 0
        self.items[step].append(items)


async def test_an_observer_hears_of_the_batches_in_the_replicas_and_of_each_once(engines: Engines):
    deployments = await asyncio.to_thread(connection.applications)
    catalogue = await deployments.decoder.catalogue.remote()
    heard = Log()
    bot = RayRecommender(Membership(deployments), catalogue, heard)
    await asyncio.gather(*(bot.look(photo(name)) for name in NAMES))
    taps = [bot.suggest(None, [word]) for word in engines.here.find("a", 64)]
    await asyncio.gather(*taps)
    assert heard.items["photo"] == [1] * len(NAMES) and heard.items["tap"] == [1] * len(taps)
    assert len(heard.items["decode"]) >= len(NAMES)  # there may be some of earlier photos
    assert sum(heard.items["cnn"]) >= len(NAMES)
    assert sum(heard.items["lstm"]) == len(taps)
    assert max(heard.items["lstm"]) > 1


async def test_when_replicas_are_killed_every_request_is_answered(engines: Engines):
    image = await engines.here.look(photo())
    photos = [photo(NAMES[n % len(NAMES)]) for n in range(50)]
    words = engines.here.find("a", 50)
    assert len(words) == 50
    looks = [asyncio.create_task(engines.ray.look(each)) for each in photos]
    await killed_during(looks, connection.ENCODER)
    taps = [asyncio.create_task(engines.ray.suggest(image, [word])) for word in words]
    await killed_during(taps, connection.DECODER)
    for one, seen in zip(photos, await asyncio.gather(*looks), strict=True):
        assert_same_photo(seen, await engines.here.look(one))
    for word, page in zip(words, await asyncio.gather(*taps), strict=True):
        assert_alike(page, await engines.here.suggest(image, [word]))


@serve.deployment(
    name="fragile",
    ray_actor_options={"num_cpus": 0},
    health_check_period_s=1,
    max_ongoing_requests=20,
)
class Fragile:
    """Works as long as nobody asks for its end, as a photo that needs all memory would."""

    async def work(self, item: str) -> str:
        await asyncio.sleep(0.2)
        if item == "poison":
            os.kill(os.getpid(), signal.SIGKILL)
        return item.upper()


async def test_a_request_that_kills_its_replicas_takes_no_other_with_it(engines: Engines):
    handle = await asyncio.to_thread(serve.run, Fragile.bind(), name="fragile", route_prefix=None)
    client = Retry()
    items = ["a", "b", "poison", "c", "d"]
    answers = await asyncio.gather(
        *(client.ask(handle.work, item) for item in items), return_exceptions=True
    )
    await asyncio.to_thread(serve.delete, "fragile")
    await asyncio.to_thread(handle.shutdown)
    assert isinstance(answers.pop(2), EngineUnavailable)
    assert answers == ["A", "B", "C", "D"]


async def test_a_cluster_that_others_keep_busy_says_so_at_once(engines: Engines):
    deployments = await asyncio.to_thread(connection.applications)
    catalogue = await deployments.decoder.catalogue.remote()
    bot = RayRecommender(Membership(deployments), catalogue)
    picture = photo()
    await bot.look(picture)  # it has heard of the limits now
    flood = [deployments.encoder.look.remote(picture) for _ in range(400)]
    # More than wait at most, as some of the flood may have been seen to meanwhile.
    looks = [asyncio.create_task(bot.look(picture)) for _ in range(200)]
    with pytest.raises(EngineBusy) as refusal:
        await asyncio.gather(*looks)
    assert refusal.value.retry_after >= 1
    for look in looks:
        look.cancel()
    await asyncio.gather(*looks, return_exceptions=True)
    for each in flood:
        with suppress(BackPressureError):  # it was dropped
            each.cancel()

    async def room() -> ImageEmbedding | None:
        with suppress(EngineBusy):
            return await engines.ray.look(picture)
        return None

    await eventually(room, "room for a photo again")


@asynccontextmanager
async def joined(home: Path) -> AsyncIterator[tuple[BotProcess, Person]]:
    """A bot on the cluster of this process, and somebody who talks to it; it ends in good order."""
    address, port = ray.get_runtime_context().gcs_address, str(free_port())
    settings = {"ENGINE": "ray", "RAY_ADDRESS": address, "PLAYGROUND_PORT": port}
    bot = BotProcess(home, {**settings, "DATA_DIR": str(home / "data")})
    await bot.start()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S) as http:
        yield bot, await newcomer(http, language_code="en")
    assert await bot.ends(signal.SIGTERM) == 0
    for sign in ("Traceback", "SIGTERM", "Stack trace"):  # as Ray's own handler would write
        assert sign not in bot.log, bot.log


async def test_a_bot_joins_the_cluster_and_leaves_it_as_it_was(engines: Engines, tmp_path: Path):
    async with joined(tmp_path) as (bot, ann):
        panel = await ann.shows()
        image = await engines.here.look(photo())
        page = await engines.here.suggest(image, [])
        # The Bot API has made the photo smaller: nearly the same page.
        assert len({f"#{each.tag}" for each in page.items}.intersection(panel.offered)) >= 8
        tapped = await ann.chooses(panel, panel.offered[0])
        assert tapped.offered != panel.offered
    assert "Tagalong is ready" in bot.log
    await engines.ray.look(photo())  # the cluster is still there


async def test_the_config_for_a_cluster_deploys_what_a_bot_looks_for():
    text = (ROOT / "deploy" / "ray.yaml").read_text(encoding="utf-8")
    config = ServeDeploySchema.model_validate(yaml.safe_load(text))
    assert [each.name for each in config.applications] == [connection.ENCODER, connection.DECODER]
    for application, own in zip(config.applications, (app.ENCODER, app.DECODER), strict=True):
        module, _, builder = application.import_path.partition(":")
        assert getattr(importlib.import_module(module), builder)(application.args)
        assert [each.name for each in application.deployments] == [own.name]


@pytest.mark.parametrize(
    ("address", "complaint"),
    [("127.0.0.1:{port}", "no Ray head can be reached at"), ("nonsense", "is no address of a Ray")],
)
async def test_without_a_head_the_bot_does_not_start_and_says_so_in_a_line(
    tmp_path: Path, address: str, complaint: str
):
    own = {"RAY_ADDRESS": address.format(port=free_port()), "PLAYGROUND_PORT": "0", "ENGINE": "ray"}
    bot = BotProcess(tmp_path, own)
    await bot.launch()
    assert await bot.ends() == 1
    (line,) = bot.log.splitlines()
    assert line.startswith("Tagalong cannot start: ")
    assert complaint in line


async def test_the_end_refuses_new_work_and_leaves_nothing_behind(engines: Engines):
    assert replicas(connection.ENCODER)
    last = asyncio.create_task(engines.ray.look(photo()))
    await asyncio.sleep(0)  # it is asked
    await engines.ray.close()
    assert isinstance(await last, ImageEmbedding)
    with pytest.raises(EngineClosed):
        await engines.ray.look(photo())
    with pytest.raises(EngineClosed):
        await engines.ray.suggest(None, ["food"])
    assert not replicas(connection.ENCODER)
    await asyncio.sleep(REPORTS_S)
    assert not ray.is_initialized()  # by a handle that has something to report


async def test_when_serve_is_ended_and_begun_again_a_bot_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(bot_fixtures, "PATIENCE_S", PATIENCE_S)
    await asyncio.to_thread(start.start)
    await asyncio.to_thread(start.deploy, None, "auto")
    async with joined(tmp_path) as (bot, ann):
        panel = await ann.shows()
        await asyncio.to_thread(serve.shutdown)
        tapped = asyncio.create_task(ann.chooses(panel, panel.offered[0]))
        shown = asyncio.create_task(ann.shows())
        await bot.says("Ray Serve has ended")
        await asyncio.to_thread(start.deploy, None, "auto")
        assert (await tapped).chosen == [panel.offered[0]]
        assert (await shown).offered == panel.offered
    assert bot.log.count("Ray Serve is there again") == 1
    await asyncio.to_thread(connection.leave)
