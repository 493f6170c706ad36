"""The two deployments, and the applications that a config of Ray Serve names (`import_path`).

What a cluster wants otherwise (replicas, GPUs, autoscaling) it says in that config, by the names
``encoder`` and ``decoder``.
"""

from __future__ import annotations

from ray import serve
from ray.serve import Application

from engine.cluster.replicas import DecoderReplica, EncoderReplica

ENCODER = serve.deployment(
    name="encoder",
    max_ongoing_requests=64,
    max_queued_requests=128,
    ray_actor_options={"num_cpus": 0.75},
    autoscaling_config={"min_replicas": 1, "max_replicas": 2, "target_ongoing_requests": 8},
    health_check_period_s=5,
    health_check_timeout_s=10,
    graceful_shutdown_timeout_s=10,
)(EncoderReplica)

DECODER = serve.deployment(
    name="decoder",
    max_ongoing_requests=128,
    max_queued_requests=1024,
    ray_actor_options={"num_cpus": 0.25},
    autoscaling_config={"min_replicas": 1, "max_replicas": 2, "target_ongoing_requests": 16},
    health_check_period_s=5,
    health_check_timeout_s=10,
    graceful_shutdown_timeout_s=10,
)(DecoderReplica)


def encoder(args: dict[str, str]) -> Application:
    """The CNN; ``args`` are those of `EncoderReplica`."""
    return ENCODER.bind(**args)


def decoder(args: dict[str, str]) -> Application:
    """LSTM and ranking; ``args`` are those of `DecoderReplica`."""
    return DECODER.bind(**args)
