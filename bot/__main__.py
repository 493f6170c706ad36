"""``python -m bot``: start the bot (without a token: the chat page)."""

from __future__ import annotations

import signal

if __name__ == "__main__":  # Ctrl-C ends it without a word while all this is imported
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import asyncio
import sys

from bot.app import run
from bot.logs import set_up
from bot.playground import OtherVersionError
from bot.settings import SettingsError, read_settings
from engine import EngineError, share_arenas
from storage import StorageError


def main() -> int:
    """Run until interrupted.

    Returns:
        The exit status: 0 after a stop, 1 where it cannot start, 2 where a setting is wrong.
    """
    share_arenas()
    try:
        settings = read_settings()
        set_up(settings.log_level, settings.token)
        asyncio.run(run(settings))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except (StorageError, EngineError, OtherVersionError) as error:
        print(f"Tagalong cannot start: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Tagalong cannot start: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
