"""Asks an API as Marquez's client does, and writes JSON: URL, token, then a list of method and arguments each."""

import json
import sys

from marquez_client import MarquezClient
from marquez_client.errors import APIError

url, token, calls = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
client = MarquezClient(url, timeout_ms=120_000, api_key=token)
found = []
for method, *arguments in calls:
    try:
        found.append(getattr(client, method)(*arguments))
    except APIError:
        found.append(None)
print(json.dumps(found))
