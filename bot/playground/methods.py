"""The table of the Bot API methods that are spoken here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from bot.playground import answering, editing, identity, inline, sending
from bot.playground.calls import Call
from bot.playground.webhook import delete_webhook, get_webhook_info, set_webhook
from bot.playground.world import World

Method = Callable[[World, Call], Awaitable[Any]]

METHODS: dict[str, Method] = {
    name.lower(): method
    for name, method in {
        "getUpdates": answering.get_updates,
        "setWebhook": set_webhook,
        "deleteWebhook": delete_webhook,
        "getWebhookInfo": get_webhook_info,
        "sendMessage": sending.send_message,
        "sendPhoto": sending.send_photo,
        "sendDocument": sending.send_document,
        "sendMediaGroup": sending.send_media_group,
        "sendChatAction": sending.send_chat_action,
        "editMessageText": editing.edit_message_text,
        "editMessageCaption": editing.edit_message_caption,
        "editMessageMedia": editing.edit_message_media,
        "editMessageReplyMarkup": editing.edit_message_reply_markup,
        "deleteMessage": editing.delete_message,
        "deleteMessages": editing.delete_messages,
        "answerCallbackQuery": answering.answer_callback_query,
        "answerInlineQuery": inline.answer_inline_query,
        "getFile": answering.get_file,
        "getMe": identity.get_me,
        "setMyCommands": identity.set_my_commands,
        "getMyCommands": identity.get_my_commands,
        "deleteMyCommands": identity.delete_my_commands,
        "setMyName": identity.set_my_name,
        "getMyName": identity.get_my_name,
        "setMyDescription": identity.set_my_description,
        "getMyDescription": identity.get_my_description,
        "setMyShortDescription": identity.set_my_short_description,
        "getMyShortDescription": identity.get_my_short_description,
        "setChatMenuButton": identity.set_chat_menu_button,
        "getChatMenuButton": identity.get_chat_menu_button,
        "getChat": identity.get_chat,
        "getChatAdministrators": identity.get_chat_administrators,
        "getChatMember": identity.get_chat_member,
        "getChatMemberCount": identity.get_chat_member_count,
    }.items()
}
