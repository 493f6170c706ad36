"""A cluster of this one machine, for a bot that was not given any. Synchronous."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import ray
from ray import serve
from ray.serve import RunTarget

from engine.cluster import connection
from engine.cluster.app import DECODER, ENCODER
from engine.cluster.connection import Deployments
from engine.door import EngineUnavailable
from engine.local import available_cores

OBJECTS = 384 << 20
"""Bytes of shared memory at most, for photos on their way to a replica."""

ATTEMPTS = 3
"""Ray gives up when its parts are not there after 30 seconds: on a busy machine they may not be."""

GPU_SHARE = 0.5
"""Of a GPU for each encoder: while one decodes, another computes."""


def start() -> None:
    """Start Ray.

    Raises:
        EngineUnavailable: it does not start.
    """
    with _reasons():
        _start_ray()


def deploy(
    weights: str | os.PathLike[str] | None = None,
    runtime: str = "auto",
    precision: str = "auto",
    stop: Event | None = None,
) -> Deployments:
    """Put both applications on it, and wait until they run.

    Args:
        weights: Folder of the checkpoint; None takes the shipped one.
        runtime: What the CNN runs in.
        precision: What it computes in.
        stop: Set where nobody waits any more.

    Raises:
        EngineUnavailable: a network in it does not start.
    """
    folder = None if weights is None else str(Path(weights).resolve())
    stop = stop or Event()
    with _reasons():
        serve.start(proxy_location="Disabled", logging_config={"log_level": "WARNING"})
        connection.go_on(stop)
        encoder = ENCODER.options(**_room(int(ray.cluster_resources().get("GPU", 0))))
        targets = {
            connection.ENCODER: encoder.bind(folder, runtime, precision),
            connection.DECODER: DECODER.bind(folder),
        }
        serve.run_many(
            [RunTarget(target, name=name, route_prefix=None) for name, target in targets.items()],
            wait_for_applications_running=False,
        )
        return connection.applications(stop)


@contextmanager
def _reasons() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise EngineUnavailable(f"Ray does not start on this machine: {_reason(error)}") from error


def _start_ray() -> None:
    for left in reversed(range(ATTEMPTS)):
        try:
            ray.init(
                "local",
                num_cpus=available_cores(),
                object_store_memory=OBJECTS,
                include_dashboard=False,
                log_to_driver=False,
                logging_level=logging.ERROR,
                _node_ip_address="127.0.0.1",  # nobody else's business
            )
        except Exception:
            if not left:
                raise
            ray.shutdown()  # what is there of it
        else:
            return


def _room(gpus: int) -> dict[str, Any]:
    """As many encoders as this machine has room for, one to begin with."""
    most = int(gpus / GPU_SHARE) or available_cores()
    return {
        "ray_actor_options": {"num_cpus": 0.75, "num_gpus": GPU_SHARE if gpus else 0},
        "autoscaling_config": {
            "min_replicas": 1,
            "max_replicas": most,
            "target_ongoing_requests": 64 if gpus else 8,
        },
    }


def _reason(error: Exception) -> str:
    """What a replica complained of, out of the trace that Serve wraps it in."""
    complaints = re.findall(r"engine\.door\.\w+: (.+)", str(error))
    return complaints[-1] if complaints else str(error).strip()
