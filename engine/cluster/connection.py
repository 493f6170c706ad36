"""Finding a cluster whose two applications run, and leaving it again. Synchronous; no torch."""

from __future__ import annotations

import logging
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import ray
from ray import serve
from ray.exceptions import ActorDiedError
from ray.serve.handle import DeploymentHandle

from engine.door import EngineUnavailable

logging.getLogger("ray.serve").setLevel(logging.ERROR)  # what matters comes as an exception

ENCODER, DECODER = "tagalong-encoder", "tagalong-decoder"
"""Names of the applications."""

REACH_S = 5.0
"""Seconds in which a head has to take a connection."""

ANSWER_S = 20.0
"""Seconds in which it has to say something then."""

JOIN_S = 60.0
"""Seconds that joining may take in all."""

READY_S = 300.0
"""Seconds that applications may take until they run: nodes may have to start for them."""

PAUSE_S = 0.5

# What a client of HTTP/2, which the head speaks, says first, with its settings: none.
_HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"


@dataclass(frozen=True)
class Deployments:
    """Where requests go."""

    encoder: DeploymentHandle[Any]
    decoder: DeploymentHandle[Any]


def join(address: str) -> None:
    """Join a cluster.

    Args:
        address: ``auto``, or the head's ``host:port``. This machine has to be part of it.

    Raises:
        EngineUnavailable: nothing answers there, or it does not let us in.
    """
    if address != "auto":
        _reach(address)
    try:
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR)
    except Exception as error:  # of many kinds, none of which a person can tell from another
        raise EngineUnavailable(
            f"the Ray cluster at {address} cannot be joined: {_first_line(error)}"
        ) from error


def applications(stop: Event | None = None, patience: float = READY_S) -> Deployments:
    """Wait until both applications run.

    Args:
        stop: Set where nobody waits any more.
        patience: For so many seconds.

    Raises:
        EngineUnavailable: one is not there, has failed, or does not run within that time.
    """
    stop = stop or Event()
    end = time.monotonic() + patience
    try:
        for name in (ENCODER, DECODER):
            while not _runs(name):
                if time.monotonic() > end:
                    raise EngineUnavailable(f"{name} is still not running after {patience:.0f} s")
                stop.wait(PAUSE_S)
                go_on(stop)
        return Deployments(serve.get_app_handle(ENCODER), serve.get_app_handle(DECODER))
    except EngineUnavailable:
        raise
    except Exception as error:
        raise EngineUnavailable(f"Ray Serve does not answer: {_first_line(error)}") from error


def lost() -> bool:
    """Whether the Serve that this process knows has ended; there may be another by now."""
    try:
        serve.status()
    except ActorDiedError:
        return True
    except Exception:  # nobody can tell
        return False
    return False


def rejoin(address: str) -> Deployments | None:
    """Leave a cluster whose Serve has ended, and join it again.

    Args:
        address: As `join` takes it.

    Returns:
        None where no other Serve runs our applications yet: to be called again.
    """
    if ray.is_initialized() and lost():
        leave()
    try:
        if not ray.is_initialized():
            join(address)
        return applications(patience=0)
    except EngineUnavailable:
        return None


def forget(deployments: Deployments) -> None:
    """Take no more notice of deployments, before leaving: in a thread of theirs, handles go on
    counting for Serve, and would begin a Ray of their own to do so."""
    for handle in (deployments.encoder, deployments.decoder):
        with suppress(Exception):  # Serve may have ended
            handle.shutdown()


def go_on(stop: Event) -> None:
    """Go on, unless nobody waits any more.

    Raises:
        EngineUnavailable: that is so.
    """
    if stop.is_set():
        raise EngineUnavailable("nobody waits for the Ray cluster any more")


def leave() -> None:
    """Leave the cluster; one that this process started ends."""
    with suppress(Exception):  # what is lost already cannot be left
        ray.shutdown()


def _reach(address: str) -> None:
    """Connect once, so that a wrong address is told at once and by its name, and a head that hangs
    is not waited for.

    Raises:
        EngineUnavailable: nobody takes the connection, or nobody says anything on it.
    """
    host, port = _host_and_port(address)
    try:
        line = socket.create_connection((host, port), REACH_S)
    except (OSError, UnicodeError) as error:  # a name may be none
        reason = getattr(error, "strerror", None) or _first_line(error)
        raise EngineUnavailable(f"no Ray head can be reached at {address}: {reason}") from error
    with line, suppress(ConnectionError):  # one with TLS may hang up: it is there
        line.settimeout(ANSWER_S)
        try:
            line.sendall(_HELLO)
            line.recv(1)
        except TimeoutError as error:
            raise EngineUnavailable(
                f"the Ray head at {address} has not answered for {ANSWER_S:.0f} s"
            ) from error


def _host_and_port(address: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{address}")
        if parts.hostname and parts.port:
            return parts.hostname, parts.port
    except ValueError:
        pass
    raise EngineUnavailable(
        f"{address!r} is no address of a Ray head: it looks like head.example.org:6379"
    )


def _runs(name: str) -> bool:
    application = serve.status().applications.get(name)
    if application is None:
        raise EngineUnavailable(f"{name} is not on the Ray cluster: put it there with serve deploy")
    if application.status == "DEPLOY_FAILED":
        raise EngineUnavailable(f"{name} does not start: {application.message.strip()}")
    return bool(application.status == "RUNNING")


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
