"""Writes each dashboard to the folder that Grafana reads: ``python -m deploy.grafana.boards``."""

from deploy.grafana.boards.written import FOLDER, written

for name, content in written().items():
    (FOLDER / name).write_text(content)
