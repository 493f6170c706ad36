"""Bot API methods about the bot's own card, and about chats and their members."""

from __future__ import annotations

import re
from typing import Any

from bot.playground.calls import Call
from bot.playground.chats import as_member
from bot.playground.refusals import bad_request
from bot.playground.sending import reachable_chat
from bot.playground.store import Json
from bot.playground.world import World

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_MAX_COMMANDS = 100
_DESCRIPTION_LENGTH = 512
_SHORT_LENGTH = 120
_NAME_LENGTH = 64


async def get_me(world: World, call: Call) -> Json:
    """``getMe``."""
    return {
        **world.chats.bot(),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


async def set_my_commands(world: World, call: Call) -> bool:
    """``setMyCommands``, per scope and language."""
    commands = call.objects("commands")
    if len(commands) > _MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for one in commands:
        if not _COMMAND.fullmatch(str(one.get("command", ""))):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(one.get("description", ""))) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    world.store.remember(_commands_key(call), commands)
    return True


async def get_my_commands(world: World, call: Call) -> Any:
    """``getMyCommands``."""
    return world.store.remembered(_commands_key(call), [])


async def delete_my_commands(world: World, call: Call) -> bool:
    """``deleteMyCommands``."""
    world.store.remember(_commands_key(call), [])
    return True


def commands_key(scope: str = "default", language: str = "") -> str:
    """Under which name a scope's commands are remembered."""
    return f"commands:{scope}:{language}"


def _commands_key(call: Call) -> str:
    scope = call.object("scope")
    where = ":".join(str(scope[key]) for key in ("type", "chat_id", "user_id") if key in scope)
    return commands_key(where or "default", call.text("language_code"))


async def set_my_name(world: World, call: Call) -> bool:
    """``setMyName``."""
    name = call.text("name")
    if len(name) > _NAME_LENGTH:
        raise bad_request("BOT_TITLE_INVALID")
    if name and not call.text("language_code"):
        world.store.remember("bot_name", name)
    return True


async def get_my_name(world: World, call: Call) -> Json:
    """``getMyName``."""
    return {"name": world.chats.bot()["first_name"]}


async def set_my_description(world: World, call: Call) -> bool:
    """``setMyDescription``."""
    text = call.text("description")
    if len(text) > _DESCRIPTION_LENGTH:
        raise bad_request("DESCRIPTION_TOO_LONG")
    world.store.remember(f"description:{call.text('language_code')}", text)
    return True


async def get_my_description(world: World, call: Call) -> Json:
    """``getMyDescription``."""
    key = f"description:{call.text('language_code')}"
    return {"description": world.store.remembered(key, "")}


async def set_my_short_description(world: World, call: Call) -> bool:
    """``setMyShortDescription``."""
    text = call.text("short_description")
    if len(text) > _SHORT_LENGTH:
        raise bad_request("ABOUT_TOO_LONG")
    world.store.remember(f"about:{call.text('language_code')}", text)
    return True


async def get_my_short_description(world: World, call: Call) -> Json:
    """``getMyShortDescription``."""
    key = f"about:{call.text('language_code')}"
    return {"short_description": world.store.remembered(key, "")}


async def set_chat_menu_button(world: World, call: Call) -> bool:
    """``setChatMenuButton``."""
    button = call.object("menu_button") or {"type": "default"}
    world.store.remember(f"menu:{call.chat_id or ''}", button)
    return True


async def get_chat_menu_button(world: World, call: Call) -> Any:
    """``getChatMenuButton``."""
    usual = world.store.remembered("menu:", {"type": "commands"})
    return world.store.remembered(f"menu:{call.chat_id or ''}", usual)


async def get_chat(world: World, call: Call) -> Json:
    """``getChat``."""
    chat = reachable_chat(world, call)
    return {
        **chat,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }


async def get_chat_member(world: World, call: Call) -> Json:
    """``getChatMember``."""
    chat = reachable_chat(world, call)
    user_id = call.number("user_id")
    bot = world.chats.bot()
    if user_id == bot["id"]:
        admin = chat["id"] < 0 and world.chats.sees_all(chat["id"])
        return as_member(bot, "administrator" if admin else "member")
    members = world.chats.members(chat["id"])
    person = world.chats.member(chat["id"], user_id)
    if person is None:
        raise bad_request("member not found")
    creator = chat["type"] != "private" and person["id"] == members[0]["id"]
    return as_member(person, "creator" if creator else "member")


async def get_chat_administrators(world: World, call: Call) -> list[Json]:
    """``getChatAdministrators``: who opened the group, and the bot where it is one."""
    chat = reachable_chat(world, call)
    if chat["type"] == "private":
        raise bad_request("there are no administrators in the private chat")
    bot, members = world.chats.bot(), world.chats.members(chat["id"])
    told = [as_member(members[0], "creator")]
    if world.chats.sees_all(chat["id"]):
        told.append(as_member(bot, "administrator"))
    return told


async def get_chat_member_count(world: World, call: Call) -> int:
    """``getChatMemberCount``, the bot included."""
    return len(world.chats.members(reachable_chat(world, call)["id"])) + 1
