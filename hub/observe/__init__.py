"""How the hub is watched: logs, metrics, traces and error reports, in which nobody is named."""
