"""Media in messages: uploads become files with ids, in the shapes of the Bot API."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Sequence
from typing import BinaryIO

from starlette.datastructures import UploadFile

from bot.playground.photos import THUMBNAIL, NotAPhotoError, PhotoSize
from bot.playground.store import Json
from bot.playground.world import World

_FOLDERS = {
    "document": "documents",
    "video": "videos",
    "animation": "animations",
    "sticker": "stickers",
    "voice": "voice",
    "audio": "music",
}


async def keep_photo(world: World, source: BinaryIO | bytes) -> Json:
    """Store a picture as a photo in Telegram's sizes.

    Returns:
        ``{"photo": [PhotoSize, …]}``, smallest first.

    Raises:
        NotAPhotoError: It cannot be one.
    """
    sizes = await world.darkroom.sizes(source)
    media: Json = {"photo": [await _keep_size(world, size) for size in sizes]}
    world.files.sent_as([size["file_id"] for size in media["photo"]], media)
    return media


async def keep_file(world: World, upload: UploadFile, kind: str = "document") -> Json:
    """Store an upload as it is.

    Args:
        world: Where.
        upload: The file.
        kind: ``document``, ``video``, ``animation``, ``sticker``, ``voice`` or ``audio``.

    Returns:
        ``{kind: {…}}`` in the shape of that kind.
    """
    name = (upload.filename or "file").replace("\\", "/").rpartition("/")[2] or "file"
    guessed = mimetypes.guess_type(name)[0]
    given = upload.content_type
    mime = given if given and given != "application/octet-stream" else guessed or given
    mime = mime or "application/octet-stream"
    where = await asyncio.to_thread(world.files.write, upload.file)
    ids = world.files.register(where, folder=_FOLDERS[kind], name=name, mime=mime)
    body: Json = dict(ids)
    if kind != "voice":
        body |= {"file_name": name}
    if kind != "sticker":
        body |= {"mime_type": mime}
    if kind in ("video", "animation"):
        body |= {"width": 640, "height": 360, "duration": 3}
    elif kind in ("voice", "audio"):
        body |= {"duration": 3}
    elif kind == "sticker":
        del body["file_name"]
        body |= {"type": "regular", "width": 512, "height": 512}
        body |= {"is_animated": False, "is_video": False}
    if kind == "document" and mime.startswith("image/"):
        body |= await _thumbnail(world, upload.file)
    media: Json = {kind: body}
    if kind == "animation":  # as the Bot API does, for bots that know no animations
        media["document"] = {
            key: value for key, value in body.items() if key not in ("width", "height", "duration")
        }
    world.files.sent_as([ids["file_id"]], media)
    return media


async def _thumbnail(world: World, source: BinaryIO) -> Json:
    try:
        size = (await world.darkroom.sizes(source, THUMBNAIL))[0]
    except NotAPhotoError:
        return {}
    return {"thumbnail": await _keep_size(world, size)}


async def _keep_size(world: World, size: PhotoSize) -> Json:
    where = await asyncio.to_thread(world.files.write, size.jpeg)
    ids = world.files.register(where, folder="photos", name="photo.jpg", mime="image/jpeg")
    return {**ids, "width": size.width, "height": size.height}


def media_kind(message: Json) -> str | None:
    """Which medium a message holds."""
    kinds: Sequence[str] = ("photo", "animation", "document", "video", "sticker", "voice", "audio")
    return next((kind for kind in kinds if kind in message), None)
