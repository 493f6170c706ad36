"""The playground: a local Bot API server and a chat page, for running and testing without a token.

python-telegram-bot talks to it as to Telegram (``base_url`` is ``{url}/bot``, ``base_file_url`` is
``{url}/file/bot``); people and tests talk to the routes below ``/playground``. It knows nothing of
the bot's code.
"""

from bot.playground.serve import Playground, serve
from bot.playground.store import OtherVersionError

__all__ = ["OtherVersionError", "Playground", "serve"]
