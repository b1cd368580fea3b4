"""The scheduler's parts: the Prefect server, the deployments, the dispatcher, and how a flow reports."""
