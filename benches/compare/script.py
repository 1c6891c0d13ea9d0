"""What a team writes before it has a tool: creates one after the other."""

import json
import pathlib
import sys

import requests

url, folder, count = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
session = requests.Session()
session.headers["X-API-Key"] = "benchmark"
ids = {}
for path in sorted(folder.rglob("*.yaml"))[:count]:
    body = {"agent_id": "42", "name": path.stem, "description": path.read_text()}
    answer = session.post(f"{url}/v1/create-simulation", json=body, timeout=60)
    answer.raise_for_status()
    ids[path.stem] = answer.json()["simulation_id"]
pathlib.Path(folder / ".." / ".ids.json").write_text(json.dumps(ids))
