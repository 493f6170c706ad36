"""The engine on a Ray cluster: both networks as deployments of Ray Serve, and their client.

`replicas` runs the networks, `app` says how they are deployed, `connection` finds or starts a
cluster, `retry` asks again when a replica died, `client` is the door.

Ray reports to its makers unless it is told not to, which has to be before it is imported.
"""

import os

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
