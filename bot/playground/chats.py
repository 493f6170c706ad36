"""Who is there: people, their private chats with the bot, groups, and the bot's own card."""

from __future__ import annotations

import json
import secrets

from bot.playground.store import Json, Store, dump

BOT_NAME = "Tagalong"
BOT_USERNAME = "tagalong_bot"
PERSON, MEMBER, GROUP = "You", "Somebody", "A group"
"""What is called so until it is given another name."""

_RIGHTS = (
    "can_be_edited",
    "is_anonymous",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)
_GRANTED = ("can_manage_chat", "can_delete_messages")


def as_member(user: Json, status: str) -> Json:
    """A ``ChatMember``."""
    member: Json = {"user": user, "status": status}
    if status == "kicked":
        member["until_date"] = 0
    elif status == "creator":
        member["is_anonymous"] = False
    elif status == "administrator":
        member |= {right: right in _GRANTED for right in _RIGHTS}
    return member


class Chats:
    """Chats, people and memberships as Bot API ``Chat`` and ``User`` objects."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def bot(self) -> Json:
        """The bot as a ``User``; its id is the one in the token that it came with."""
        return {
            "id": self._store.remembered("bot_id", 1),
            "is_bot": True,
            "first_name": self._store.remembered("bot_name", BOT_NAME),
            "username": BOT_USERNAME,
        }

    def meet_bot(self, bot_id: int) -> None:
        """A bot came with its token."""
        if self._store.remembered("bot_id") != bot_id:
            self._store.remember("bot_id", bot_id)

    def new_person(self, name: str, language: str | None) -> Json:
        """A person who has just joined Telegram."""
        first, _, last = name.strip().partition(" ")
        person: Json = {
            "id": 1_000_000_000 + secrets.randbelow(6_000_000_000),
            "is_bot": False,
            "first_name": first or PERSON,
        }
        if last.strip():
            person["last_name"] = last.strip()
        if language:
            person["language_code"] = language
        self._store.run("INSERT INTO users VALUES (?, ?)", (person["id"], dump(person)))
        return person

    def person(self, user_id: int) -> Json | None:
        """A ``User`` by id."""
        row = self._store.one("SELECT body FROM users WHERE user_id = ?", (user_id,))
        return json.loads(row[0]) if row else None

    def new_private(self, person: Json) -> Json:
        """The private chat of a person with the bot; it has the person's id."""
        chat = {"type": "private"}
        chat |= {key: person[key] for key in ("first_name", "last_name") if key in person}
        return self._add(int(person["id"]), chat, person)

    def new_group(
        self, person: Json, title: str, kind: str, *, forum: bool = False, admin: bool = False
    ) -> Json:
        """A group (or supergroup) made by a person who invited the bot.

        Args:
            person: Its first member.
            title: Its title.
            kind: ``group`` or ``supergroup``.
            forum: A supergroup with topics.
            admin: The bot is an administrator and so sees every message; otherwise its privacy
                mode hides what is not meant for it.
        """
        base = 1_000_000_000 + secrets.randbelow(1_000_000_000)
        chat_id = -base if kind == "group" else -1_000_000_000_000 - base
        chat: Json = {"type": kind, "title": title}
        if forum:
            chat["is_forum"] = True
        made = self._add(chat_id, chat, person)
        if admin:
            self._store.change("UPDATE chats SET bot_is_admin = 1 WHERE chat_id = ?", (chat_id,))
        return made

    def _add(self, chat_id: int, rest: Json, person: Json) -> Json:
        chat = {"id": chat_id, **rest}
        self._store.run("INSERT INTO chats (chat_id, body) VALUES (?, ?)", (chat_id, dump(chat)))
        self.join(chat_id, int(person["id"]))
        return chat

    def chat(self, chat_id: int) -> Json | None:
        """A ``Chat`` by id."""
        row = self._store.one("SELECT body FROM chats WHERE chat_id = ?", (chat_id,))
        return json.loads(row[0]) if row else None

    def join(self, chat_id: int, user_id: int) -> None:
        """Make a person a member."""
        self._store.run(
            "INSERT OR IGNORE INTO members (chat_id, user_id) VALUES (?, ?)", (chat_id, user_id)
        )

    def members(self, chat_id: int) -> list[Json]:
        """The people of a chat, the bot not counted; the first is who opened it."""
        rows = self._store.all(
            "SELECT u.body FROM members AS m JOIN users AS u USING (user_id)"
            " WHERE m.chat_id = ? ORDER BY m.joined",
            (chat_id,),
        )
        return [json.loads(row[0]) for row in rows]

    def member(self, chat_id: int, user_id: int) -> Json | None:
        """A member of a chat."""
        return next((one for one in self.members(chat_id) if one["id"] == user_id), None)

    def sees_all(self, chat_id: int) -> bool:
        """Whether the bot gets every message there, privacy mode or not."""
        row = self._store.one("SELECT bot_is_admin FROM chats WHERE chat_id = ?", (chat_id,))
        return chat_id > 0 or bool(row and row[0])

    def blocked(self, chat_id: int) -> bool:
        """Whether the person blocked the bot, or the group removed it."""
        row = self._store.one("SELECT blocked FROM chats WHERE chat_id = ?", (chat_id,))
        return bool(row and row[0])

    def block(self, chat_id: int, blocked: bool) -> None:
        """Block the bot, or let it in again."""
        self._store.change(
            "UPDATE chats SET blocked = ? WHERE chat_id = ?", (int(blocked), chat_id)
        )

    def migrated(self, chat_id: int) -> int | None:
        """The supergroup that a group has become."""
        row = self._store.one("SELECT migrated_to FROM chats WHERE chat_id = ?", (chat_id,))
        return row[0] if row else None

    def line(self, chat_id: int) -> tuple[int, ...]:
        """A chat, and the group that it was before it became a supergroup."""
        rows = self._store.all("SELECT chat_id FROM chats WHERE migrated_to = ?", (chat_id,))
        return (chat_id, *(row[0] for row in rows))

    def lose_names(self, chat_id: int) -> None:
        """Call a chat and its people as if they had never said their names.

        Ids stay, and people's languages, in which the bot answers; so does the name of somebody
        who is in another chat too.
        """
        line = self.line(chat_id)
        for one in line:
            chat = self.chat(one)
            if chat is not None:
                bare = {key: chat[key] for key in chat if key != "last_name"}
                bare |= {"title": GROUP} if "title" in chat else {"first_name": PERSON}
                values = (dump(bare), one)
                self._store.change("UPDATE chats SET body = ? WHERE chat_id = ?", values)
        for place, person in enumerate(self.members(chat_id)):
            here = self._store.all("SELECT chat_id FROM members WHERE user_id = ?", (person["id"],))
            if {row[0] for row in here} <= {*line}:
                bare = {key: person[key] for key in person if key != "last_name"}
                bare["first_name"] = MEMBER if place else PERSON
                values = (dump(bare), person["id"])
                self._store.change("UPDATE users SET body = ? WHERE user_id = ?", values)

    def migrate(self, chat_id: int) -> Json:
        """Turn a group into a supergroup: another chat with the same people."""
        old = self.chat(chat_id)
        people = self.members(chat_id)
        assert old is not None and people
        new = self.new_group(people[0], old["title"], "supergroup", admin=self.sees_all(chat_id))
        for person in people[1:]:
            self.join(new["id"], person["id"])
        self._store.change(
            "UPDATE chats SET migrated_to = ? WHERE chat_id = ?", (new["id"], chat_id)
        )
        return new
