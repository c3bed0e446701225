"""Grafana's dashboards as code; ``python -m deploy.grafana.boards`` writes the JSON that it reads."""
