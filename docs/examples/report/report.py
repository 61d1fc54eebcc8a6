"""Reports the progress of a file to Pebbles; needs nothing but Python's own library."""
import json
import os
import urllib.parse
import urllib.request
import uuid

URL = os.environ.get("PEBBLES_URL", "http://127.0.0.1:8081")
TOKEN = os.environ["PEBBLES_TOKEN"]
CLIENT = "krn:acme:client:prod-001"


def report(filename, done=0, warn=0, failed=0, **more):
    body = {"filename": filename, "counts": {"done": done, "warn": warn, "failed": failed}, **more}
    request = urllib.request.Request(
        f"{URL}/clients/{urllib.parse.quote(CLIENT)}/progress",
        data=json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {TOKEN}",
            "Content-Type": "application/json",
            # The same key on every try: however often it is sent, it counts once.
            "Idempotency-Key": str(uuid.uuid4()),
        },
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


report("orders.csv", done=98, failed=2, total=200, errors=[
    {"line": 7, "message": 'Invalid amount "12,x" in column "price"'},
    {"line": 9, "message": 'Invalid amount "n/a" in column "price"'},
])
last = report("orders.csv", done=100, isLast=True)
print(last["counts"], "complete" if last["isCompleted"] else "running")
