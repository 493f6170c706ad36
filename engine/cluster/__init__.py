"""The engine on a Ray cluster: both networks as deployments of Ray Serve, and their client.

`replicas` runs the networks, `report` is what they tell of it, `app` says how they are deployed,
`connection` finds or starts a cluster, `retry` asks again when a replica died, `membership` also
when Serve was begun anew, `client` is the door.

Ray reports to its makers unless it is told not to, and starts by itself for whoever asks it
something unless it is told not to; both have to be before it is imported.
"""

import os

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_ENABLE_AUTO_CONNECT", "0")
