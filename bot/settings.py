"""The settings: environment variables and ``.env``, typed and checked before anything starts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from storage import file_address

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_TOKEN = re.compile(r"[1-9]\d{0,15}:[A-Za-z0-9_-]+")

PLAYGROUND_TOKEN = "100000:playground"
"""The bot's token at its own local Bot API, which takes any."""


class SettingsError(Exception):
    """A setting is wrong; the text is one line that says which and why."""


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


class Settings(BaseSettings):
    """Everything that can be configured; the README's table explains it to people."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    telegram_bot_token: SecretStr | None = None
    telegram_base_url: str = "https://api.telegram.org/bot"
    telegram_base_file_url: str = "https://api.telegram.org/file/bot"
    telegram_local_mode: bool = False
    telegram_webhook_url: str | None = None
    telegram_webhook_listen: str = "127.0.0.1:8443"
    telegram_webhook_secret: SecretStr | None = None
    database_url: SecretStr | None = None
    database_synchronous: Annotated[Literal["NORMAL", "FULL"], BeforeValidator(_upper)] = "NORMAL"
    data_dir: Path = Path("data")
    playground_host: str = "127.0.0.1"
    playground_port: int = Field(8080, ge=0, le=65535)
    playground_file_days: int = Field(7, ge=1, le=36_500)
    retention_days: int = Field(365, ge=0, le=36_500)
    engine: Annotated[Literal["local", "ray"], BeforeValidator(_lower)] = "local"
    engine_runtime: Annotated[Literal["auto", "torch", "openvino"], BeforeValidator(_lower)] = (
        "auto"
    )
    engine_precision: Annotated[
        Literal["auto", "float32", "float16", "bfloat16"], BeforeValidator(_lower)
    ] = "auto"
    ray_address: str | None = None
    metrics_listen: str | None = None
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)] = (
        "INFO"
    )

    @field_validator("telegram_bot_token")
    @classmethod
    def _is_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError("this is not a bot token; @BotFather gives one like 123456:ABC…")
        return value

    @field_validator("telegram_base_url", "telegram_base_file_url")
    @classmethod
    def _is_base(cls, value: str) -> str:
        if not _is_http(value):
            raise ValueError("it must look like http://host:port/bot (files: …/file/bot)")
        return value.rstrip("/")

    @field_validator("telegram_webhook_url")
    @classmethod
    def _is_url(cls, value: str | None) -> str | None:
        if value and not _is_http(value):
            raise ValueError("it must look like https://host/path, as Telegram reaches it")
        return value

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _is_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _SECRET.fullmatch(value.get_secret_value()):
            raise ValueError("it must be 1 to 256 letters, digits, _ and -")
        return value

    @field_validator("metrics_listen", "telegram_webhook_listen")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is not None:
            split_address(value)
        return value

    @property
    def token(self) -> str:
        """The bot's token; at the playground one of our own."""
        given = self.telegram_bot_token
        return PLAYGROUND_TOKEN if given is None else given.get_secret_value()

    @property
    def bot_id(self) -> int:
        """The bot's id, which begins its token."""
        return int(self.token.partition(":")[0])

    @property
    def database(self) -> str:
        """The database's address."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return file_address(self.data_dir / "tagalong.db")


def unused(settings: Settings) -> str | None:
    """Why a setting that was given does nothing; None where all count."""
    if settings.ray_address is not None and settings.engine != "ray":
        return "RAY_ADDRESS is not used: ENGINE=ray is not set"
    if settings.engine == "ray" and settings.ray_address is not None:
        own = {"RUNTIME": settings.engine_runtime, "PRECISION": settings.engine_precision}
        for name, value in own.items():
            if value != "auto":
                return f"ENGINE_{name} is not used: the Ray cluster has its own"
    return None


def read_settings(**overrides: Any) -> Settings:
    """Read the settings.

    Args:
        **overrides: Values that come before environment and file.

    Raises:
        SettingsError: one of them is wrong.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "settings"
        reason = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{name}: {reason}") from None
    except OSError as error:
        raise SettingsError(f".env cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(".env cannot be read: it is not UTF-8") from error


def _is_http(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # the port is no number, or too large
        return False


def split_address(value: str) -> tuple[str, int]:
    """``host:port`` as its two parts.

    Raises:
        ValueError: it is none.
    """
    host, _, port = value.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or not 0 <= int(port) <= 65535:
        raise ValueError("it must look like 127.0.0.1:9100")
    return host.strip("[]"), int(port)
